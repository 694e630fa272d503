"""The math font with the glyphs of this page's formulas alone: www/fonts/latinmodern-math.woff2, and beside it the characters it was made for.

    cargo dist
    pip install fonttools==4.68.0 brotli==1.2.1
    python3 crate/xtask/font.py latinmodern-math.woff2 dist/index.html

The first argument is the whole font, as the crate pulldown-latex 0.8.0 ships it. A test says when a formula has a character that is missing.
Kept are the sizes of brackets and accents (the table MATH) and the drawings for indices (ssty); hints for coarse screens are not.
"""

import html
import re
import sys
from pathlib import Path

from fontTools import subset

FONTS = Path(__file__).resolve().parents[2] / "www" / "fonts"


def italic(letter):
    """What a browser draws for a single letter in <mi>: MathML Core, appendix C.1, "italic mappings"."""
    code = ord(letter)
    if letter == "h":
        return "\u210e"
    for first, last, drawn in [("A", "Z", 0x1D434), ("a", "z", 0x1D44E), ("Α", "Ω", 0x1D6E2), ("α", "ω", 0x1D6FC)]:
        if ord(first) <= code <= ord(last):
            return chr(drawn + code - ord(first))
    return dict(zip("∂ϵϑϰϕϱϖ", map(chr, range(0x1D715, 0x1D71C)))).get(letter, letter)


def characters(page):
    """Every character that the formulas of a page draw."""
    found = set()
    for formula in re.findall(r"<math\b.*?</math>", page, re.S):
        found |= set(html.unescape(re.sub(r"<[^>]+>", "", formula)))
        for name in re.findall(r"<mi[^>]*>(.*?)</mi>", formula, re.S):
            found |= {italic(letter) for letter in html.unescape(name)} if len(html.unescape(name)) == 1 else set()
    return "".join(sorted(found - set("\n\u2061\u2062\u2063\u2064\ufe00")))


def main():
    whole, page = sys.argv[1:]
    text = characters(Path(page).read_text(encoding="utf-8"))
    options = subset.Options(flavor="woff2", layout_features=["ssty", "dtls", "flac"], hinting=False, desubroutinize=True)
    font = subset.load_font(whole, options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=text)
    subsetter.subset(font)
    subset.save_font(font, str(FONTS / "latinmodern-math.woff2"), options)
    (FONTS / "latinmodern-math.txt").write_text(text + "\n", encoding="utf-8")


main()
