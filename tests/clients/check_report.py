"""Outside client: does a browser show what the report says, on a desk and on a phone, in light and dark?

Usage: python check_report.py FKBAYES_BINARY WORKDIR

Fits data sets of 1 to 300 foreign keys, some with hostile names, makes their pages and opens them in
Chromium from the disk. Needs selenium, chromium and chromedriver (CHROMIUM and CHROMEDRIVER name others
than those on the path). Last line: `N passed, M failed`.
"""

import csv
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from tally import Tally

ROOT = Path(__file__).resolve().parents[2]
WIDTHS = (400, 1000, 1600)
SVG = "{http://www.w3.org/2000/svg}"
FLAGS = ("--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
         " --disable-component-update --disable-sync --disable-dev-shm-usage").split()
HOSTILE = [
    "<script>window.broken = 1</script>", "</script><img src=x onerror='window.broken = 2'>",
    "\" onmouseover=\"window.broken = 3", "&amp; &lt; 'quoted' ]]>", "{{ 7 * 7 }}{% raw %}", "Orders.ID",
    "orders.id", "ORDERS.id", "a" * 300, "漢字の外部キー.顧客識別番号とても長い名前", "مفتاح.العميل",
    "\u200b", "\u202eabc.def", "two\nlines", "🙂🙂🙂", "-1",
]

# What is wrong with the figures that are on the screen, in words.
FIGURES = """
const found = [];
const clear = (a, b) => a.right <= b.left + 1 || b.right <= a.left + 1 || a.bottom <= b.top + 2 || b.bottom <= a.top + 2;
for (const figure of document.querySelectorAll("svg.fig")) {
  if (getComputedStyle(figure).display === "none") continue;
  const name = figure.closest("section").id;
  const frame = figure.getBoundingClientRect();
  const scale = frame.width / figure.viewBox.baseVal.width;
  const marks = [...figure.querySelectorAll(".m")];
  if (marks.length === 0) found.push(name + ": no marks");
  const inside = (r) => r.left >= frame.left - 1 && r.right <= frame.right + 1 && r.top >= frame.top - 1 && r.bottom <= frame.bottom + 1;
  for (const shape of figure.querySelectorAll("line, rect, circle, path, text")) {
    const r = shape.getBoundingClientRect();
    if (!inside(r)) found.push(name + ": outside its frame: " + shape.outerHTML.slice(0, 120));
  }
  for (const mark of marks) if (!mark.dataset.tip) found.push(name + ": a mark without figures");
  const texts = [...figure.querySelectorAll("text")].map((t) => [t.textContent, t.getBoundingClientRect(), t]);
  for (const [text, r, t] of texts) {
    const size = parseFloat(getComputedStyle(t).fontSize) * scale;
    if (size < 9) { found.push(name + ": text of " + size.toFixed(1) + " px: " + text); break; }
  }
  for (let i = 0; i < texts.length; i++)
    for (let j = 0; j < i; j++)
      if (!clear(texts[i][1], texts[j][1])) found.push(name + ": texts overlap: " + texts[j][0] + " | " + texts[i][0]);
}
return found;
"""

# Texts of less contrast than WCAG's AA asks for.
CONTRAST = """
const rgb = (c) => c.match(/[\\d.]+/g).map(Number);
const lum = ([r, g, b]) => [r, g, b].map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
  .reduce((s, v, i) => s + v * [0.2126, 0.7152, 0.0722][i], 0);
const paper = lum(rgb(getComputedStyle(document.body).backgroundColor));
const found = [];
const ratio = (l) => (Math.max(l, paper) + 0.05) / (Math.min(l, paper) + 0.05);
for (const e of document.querySelectorAll("p, li, h1, h2, figcaption, td, th, dt, dd, a, button, svg.fig text")) {
  if (getComputedStyle(e).display === "none" || !e.textContent.trim()) continue;
  const style = getComputedStyle(e);
  const r = ratio(lum(rgb(e.closest("svg") ? style.fill : style.color)));
  if (r < 4.5) found.push(r.toFixed(2) + ": " + e.textContent.slice(0, 60));
}
return [paper, found];
"""

STRUCTURE = """
const found = [];
if (document.documentElement.lang !== "en") found.push("no language");
const levels = [...document.querySelectorAll("h1, h2, h3, h4")].map((h) => Number(h.tagName[1]));
if (levels[0] !== 1 || levels.filter((l) => l === 1).length !== 1) found.push("not one h1 at the start");
levels.forEach((l, i) => { if (i && l > levels[i - 1] + 1) found.push("a heading skips a level"); });
const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
ids.forEach((id, i) => { if (ids.indexOf(id) !== i) found.push("id twice: " + id); });
for (const e of document.querySelectorAll("[aria-labelledby]"))
  for (const id of e.getAttribute("aria-labelledby").split(" "))
    if (!document.getElementById(id)) found.push("no element " + id);
for (const f of document.querySelectorAll("svg.fig"))
  if (!f.querySelector(":scope > title")?.textContent || !f.querySelector(":scope > desc")?.textContent)
    found.push("a figure without text alternative");
for (const a of document.querySelectorAll("a[href]"))
  if (!document.getElementById(a.getAttribute("href").slice(1))) found.push("dead link " + a.href);
if (window.broken) found.push("a name was run as script: " + window.broken);
return found;
"""


TALLY = Tally()


class Program:
    def __init__(self, binary, work):
        self.binary, self.work = Path(binary).resolve(), Path(work).resolve()
        self.work.mkdir(parents=True, exist_ok=True)

    def run(self, *arguments):
        done = subprocess.run([str(self.binary), *map(str, arguments)], capture_output=True, cwd=self.work, timeout=600)
        if done.returncode != 0:
            raise RuntimeError(f"{arguments}: {done.stderr.decode()}")
        return done.stdout.decode()

    def page(self, name, scores, *arguments):
        """Fits, and makes the page; its path."""
        draws, page = self.work / f"{name}.arrow", self.work / f"{name}.html"
        self.run("fit", scores, "--seed", 1, "--quiet", "--out", draws, *arguments)
        self.run("report", draws.name, "--quiet", "--out", page)
        return page


def simulate(path, names, permutations=20):
    generator = random.Random(3)
    with open(path, "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["fk", "score"])
        for name in names:
            importance = generator.gauss(0, 0.3)
            rows.writerows([name, generator.gauss(importance, 1)] for _ in range(permutations))
    return path


class Browser:
    def __init__(self, work):
        options = Options()
        self.profile = tempfile.mkdtemp()
        for flag in [*FLAGS, f"--user-data-dir={self.profile}"]:
            options.add_argument(flag)
        options.binary_location = os.environ.get("CHROMIUM") or shutil.which("chromium")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        driver = os.environ.get("CHROMEDRIVER") or shutil.which("chromedriver")
        self.driver = webdriver.Chrome(options=options, service=Service(driver))
        self.downloads = work / "downloads"
        shutil.rmtree(self.downloads, ignore_errors=True)
        self.downloads.mkdir()
        self.command("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(self.downloads))

    def command(self, name, **arguments):
        return self.driver.execute_cdp_cmd(name, arguments)

    def open(self, page, width, scheme="light", media=""):
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 500)
        # Scrolling at once, so that what is clicked stands still.
        features = [{"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": "reduce"}]
        self.command("Emulation.setEmulatedMedia", media=media, features=features)
        self.driver.get_log("performance")
        self.driver.get_log("browser")
        self.driver.get(page.as_uri())

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def complaints(self, page):
        """Console messages, and requests beyond the page itself."""
        found = [entry["message"] for entry in self.driver.get_log("browser")]
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                url = message["params"]["request"]["url"]
                if url.split("#")[0] != page.as_uri() and not url.startswith("data:"):
                    found.append(f"request for {url}")
        return found

    def downloaded(self, name):
        path = self.downloads / name
        for _ in range(50):
            # The name is taken, by an empty file, before what is saved has come.
            if path.exists() and path.stat().st_size > 0:
                return path.read_text(encoding="utf-8")
            time.sleep(0.1)
        raise RuntimeError(f"{name} was not saved")

    def close(self):
        self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)


# ------------------------------------------------------------------ what every page must do


def check_page(browser, name, page):
    for width in WIDTHS:
        browser.open(page, width)
        TALLY.check(f"{name}, {width} px: figures", browser.run(FIGURES))
        wide = browser.run("return document.documentElement.scrollWidth")
        TALLY.check(f"{name}, {width} px: fits", [] if wide <= width else f"{wide} px wide")
        TALLY.check(f"{name}, {width} px: silent, no requests", browser.complaints(page))
    TALLY.check(f"{name}: structure", browser.run(STRUCTURE))
    for scheme in ("light", "dark"):
        browser.open(page, 1000, scheme)
        paper, poor = browser.run(CONTRAST)
        dark = [] if (paper < 0.1) == (scheme == "dark") else [f"paper of luminance {paper}"]
        TALLY.check(f"{name}, {scheme}: contrast", dark + poor)


def check_summary(program, browser, name, page):
    browser.open(page, 1000)
    embedded = json.loads(browser.run("return document.getElementById('fkbayes-summary').textContent"))
    printed = json.loads(program.run("summary", f"{name}.arrow", "--json", "--quiet"))
    TALLY.check(f"{name}: the embedded figures are those of summary --json",
                [] if embedded == printed else [k for k in printed if embedded.get(k) != printed[k]])


# ------------------------------------------------------------------ what one page is enough for


def column(browser, index):
    return browser.run("""return [...document.querySelectorAll("#table tbody tr")].map(
        (row) => row.cells[arguments[0]].dataset.v ?? row.cells[arguments[0]].textContent)""", index)


def check_sorting(browser, page):
    browser.open(page, 1000)
    heading = "#table th:nth-child({}) button"
    before = column(browser, 0)
    browser.find(heading.format(2)).click()
    down = [float(x) for x in column(browser, 1)]
    order = browser.find("#table th:nth-child(2)").get_attribute("aria-sort")
    TALLY.check("sorting: by click, largest first",
                [] if down == sorted(down, reverse=True) and order == "descending" else f"{order}: {down}")
    browser.find(heading.format(2)).send_keys(Keys.ENTER)
    up = [float(x) for x in column(browser, 1)]
    order = browser.find("#table th:nth-child(2)").get_attribute("aria-sort")
    TALLY.check("sorting: by key, smallest first",
                [] if up == sorted(up) and order == "ascending" else f"{order}: {up}")
    browser.find(heading.format(1)).send_keys(Keys.SPACE)
    names = column(browser, 0)
    marked = browser.run("return document.querySelectorAll('#table th[aria-sort]').length")
    right = names == sorted(names, key=str.lower) and sorted(before) == sorted(names) and marked == 1
    TALLY.check("sorting: by name, one column marked", [] if right else f"{marked}: {names}")


def check_pointing(browser, page):
    browser.open(page, 1000)
    figure = browser.find("#forest svg.wide")
    figure.send_keys(Keys.ARROW_DOWN)
    tip = browser.find("#tip")
    first = tip.text
    figure.send_keys(Keys.ARROW_DOWN)
    second = tip.text
    figure.send_keys(Keys.ESCAPE)
    right = "qualifying.raceId_driverId" in first and "median" in first and second not in ("", first)
    TALLY.check("pointing: arrow keys tell the figures, Escape ends it",
                [] if right and not tip.is_displayed() else f"{first!r}, {second!r}")
    mark = browser.find("#forest svg.wide .m:nth-of-type(3) rect")
    webdriver.ActionChains(browser.driver).move_to_element(mark).perform()
    TALLY.check("pointing: the pointer does", [] if tip.is_displayed() and "median" in tip.text else f"{tip.text!r}")


def check_saving(browser, page):
    browser.open(page, 1000, "dark")
    kinds = browser.run("return [...document.querySelectorAll('button.save')].map((b) => b.dataset.figure)")
    for kind in kinds:
        # A browser lets one page save a few files unasked, not all.
        browser.open(page, 1000, "dark")
        browser.run("document.querySelector(`button.save[data-figure=${arguments[0]}]`).click()", kind)
        text = browser.downloaded(f"fkbayes-{kind}.svg")
        root = ElementTree.fromstring(text)
        style = root.find(f"{SVG}style")
        marks = [g for g in root.iter(f"{SVG}g") if g.get("class") == "m"]
        problems = [] if root.tag == f"{SVG}svg" and style is not None else ["no SVG with a style"]
        problems += ["colours are left to the page"] if "var(" in text else []
        problems += ["a mark without figures"] if not all(g.findtext(f"{SVG}title") for g in marks) or not marks else []
        TALLY.check(f"saving: {kind}", problems)
    browser.open(page, 1000)
    browser.run("document.getElementById('save-json').click()")
    saved = json.loads(browser.downloaded("fkbayes-summary.json"))
    TALLY.check("saving: figures as JSON", [] if saved["schema"] == "fkbayes.summary/1" else saved["schema"])


def check_saved_alone(browser):
    """A saved figure opened by itself has ink on paper."""
    for path in sorted(browser.downloads.glob("*.svg")):
        browser.open(path, 1000)
        colors = browser.run("""return [...document.querySelectorAll("text, rect.f-paper")].map(
            (e) => getComputedStyle(e).fill)""")
        TALLY.check(f"saved {path.stem}: colours of its own", [] if len(set(colors)) > 1 else f"{set(colors)}")


def check_print(browser, page):
    browser.open(page, 700, "dark", "print")
    shown = browser.run("""return [getComputedStyle(document.querySelector("nav")).display,
        getComputedStyle(document.querySelector("#forest svg.wide")).display,
        getComputedStyle(document.body).backgroundColor]""")
    TALLY.check("paper: no navigation, figures for a page, white",
                [] if shown == ["none", "block", "rgb(255, 255, 255)"] else f"{shown}")
    printed = browser.command("Page.printToPDF", printBackground=True)["data"]
    TALLY.check("paper: prints", [] if len(printed) > 50_000 else f"{len(printed)} bytes")


def check_hostile(browser, page):
    browser.open(page, 1000)
    cells = column(browser, 0)
    spelled = {"\u200b": "\\u{200b}", "\u202eabc.def": "\\u{202e}abc.def", "two\nlines": "two\\u{a}lines"}
    missing = [name for name in HOSTILE if spelled.get(name, name) not in cells]
    TALLY.check("hostile names: all are there, letter by letter", missing)
    strays = browser.run("return document.querySelectorAll('img, iframe, main script, svg script').length")
    TALLY.check("hostile names: none became an element", [] if strays == 0 else f"{strays}")


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    program = Program(sys.argv[1], sys.argv[2])
    work = program.work
    f1 = ROOT / "examples/data/f1.csv"
    pages = {
        "f1": program.page("f1", f1),
        "pooled": program.page("pooled", f1, "--noise", "pooled"),
        "schools": program.page("schools", ROOT / "examples/data/eight_schools.csv"),
        "student": program.page("student", f1, "--noise", "sampled", "--importance", "student-t=4", "--location", "flat"),
        "one": program.page("one", simulate(work / "one.csv", ["orders.customer_id"])),
        "two": program.page("two", simulate(work / "two.csv", ["orders.customer_id", "orders.store_id"])),
        "many": program.page("many", simulate(work / "many.csv", [f"table_{i // 7}.column_{i}" for i in range(300)])),
        "hostile": program.page("hostile", simulate(work / "hostile.csv", HOSTILE)),
        "untrusted": program.page("untrusted", f1, "--draws", 20, "--chains", 1, "--no-exact"),
    }
    fifty = program.page("fifty", simulate(work / "fifty.csv", [f"table_{i // 7}.column_{i}" for i in range(50)]))
    size = fifty.stat().st_size
    TALLY.check("a page of 50 foreign keys is below 2 MB", [] if size < 2_000_000 else f"{size} bytes")
    browser = Browser(work)
    try:
        for name, page in pages.items():
            check_page(browser, name, page)
            check_summary(program, browser, name, page)
        check_sorting(browser, pages["f1"])
        check_pointing(browser, pages["f1"])
        check_print(browser, pages["f1"])
        check_saving(browser, pages["f1"])
        check_saved_alone(browser)
        check_hostile(browser, pages["hostile"])
    finally:
        browser.close()
    print(f"{TALLY.passed} passed, {TALLY.failed} failed")
    raise SystemExit(1 if TALLY.failed else 0)


if __name__ == "__main__":
    main()
