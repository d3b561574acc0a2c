// Read Markdown pages as other programs do. In: a JSON list of texts. Out: for each, what was understood.
import { text } from "node:stream/consumers";
import { createProcessor } from "@mdx-js/mdx";
import * as commonmark from "commonmark";
import matter from "gray-matter";
import { Liquid } from "liquidjs";
import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";

const liquid = new Liquid();
const mdx = createProcessor();

function kinds(node) {
  return [node.type, ...(node.children ?? []).flatMap(kinds)];
}

function words(node) {
  return node.value ?? (node.children ?? []).map(words).join(node.type === "root" ? "\n" : "");
}

function read(page) {
  const { data, content } = matter(page);
  const tree = mdx.parse(content);
  return {
    data,
    liquid: liquid.parseAndRenderSync(content) === content,
    commonmark: new commonmark.HtmlRenderer().render(new commonmark.Parser().parse(content)),
    gfm: micromark(content, { allowDangerousHtml: true, extensions: [gfm()], htmlExtensions: [gfmHtml()] }),
    mdx: { kinds: kinds(tree), words: words(tree) },
  };
}

const pages = JSON.parse(await text(process.stdin));
process.stdout.write(JSON.stringify(pages.map(read)));
