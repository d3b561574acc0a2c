"""XML: a tree written as a file that every reader takes."""

from __future__ import annotations

from xml.etree import ElementTree as ET


def write_xml(root: ET.Element) -> str:
    """Write a tree with its declaration, indented; its texts are to be clean lines, in which XML refuses nothing."""
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'
