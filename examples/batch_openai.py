"""Send an export's files, wait, and fetch what comes back: python examples/batch_openai.py batch [SECONDS]"""

import sys
import time
from pathlib import Path

from openai import OpenAI

api, folder, pause = OpenAI(), Path(sys.argv[1]), float([*sys.argv, "60"][2])
for path in sorted(folder.glob("[0-9]*.jsonl")):
    if not (note := path.with_suffix(".id")).exists():  # run it again after a break: nothing is sent twice
        file = api.files.create(file=path, purpose="batch").id
        made = api.batches.create(input_file_id=file, endpoint="/v1/chat/completions", completion_window="24h")
        note.write_text(made.id)
waiting = sorted(folder.glob("[0-9]*.id"))
for _ in range(1_500):  # 25 hours
    for note in [*waiting]:
        batch = api.batches.retrieve(note.read_text())
        if batch.status in {"completed", "failed", "expired", "cancelled"}:
            print(waiting.pop(waiting.index(note)).stem, batch.status, batch.errors or "")
            for came in filter(None, (batch.output_file_id, batch.error_file_id)):
                (folder / f"result-{came}.jsonl").write_bytes(api.files.content(came).content)
    time.sleep(pause if waiting else 0)
sys.exit(len(waiting))
