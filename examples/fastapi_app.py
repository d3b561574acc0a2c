"""An app that compares what it is sent: uvicorn fastapi_app:app, then POST {"first": {...}, "second": {...}}"""

from fastapi import FastAPI, HTTPException

import panelsynth as ps

app = FastAPI()


@app.post("/comparisons")
async def compare(first: ps.Tool, second: ps.Tool) -> ps.Comparison:
    try:
        return ps.compare(*await ps.areview([first, second]))
    except ps.PanelsynthError as fault:
        raise HTTPException(502, str(fault)) from fault
