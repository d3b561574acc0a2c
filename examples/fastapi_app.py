"""An app that compares what it is sent: uvicorn fastapi_app:app, then POST a list of tools to /comparisons"""

from fastapi import FastAPI

import panelsynth as ps

app = FastAPI()


@app.post("/comparisons")
async def compare(tools: list[ps.Tool]) -> ps.Comparison:
    return ps.compare(*await ps.areview(tools))
