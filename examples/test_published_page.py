"""CI holds a published page to its recording: no network, no key. Run it with pytest."""

import panelsynth as ps
from panelsynth.testing import replay

TOOLS = [ps.Tool.from_file(f"examples/tools/{name}.yaml") for name in ("mistral-3b", "gpt-5-fine-tuning-api")]


def test_the_recording_still_gives_the_page_we_published() -> None:
    with replay("cassettes/demo.yaml") as model:
        page = ps.compare(*ps.review(TOOLS, model=model))
    assert [panel.tally.percent for panel in page.panels] == [100, 75]
