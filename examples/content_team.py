"""Draft a page for an editor: python examples/content_team.py a.yaml b.yaml > page.html"""

import sys

import panelsynth as ps

tools = [ps.Tool.from_file(path) for path in sys.argv[1:]]
page = ps.compare(*ps.review(tools))
print(page.to_html())
print(page.reading.headline, *page.reading.split, sep="\n", file=sys.stderr)
