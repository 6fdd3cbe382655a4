#!/usr/bin/env python3
"""Makes the sample documents of samples/. All texts and pictures are made here, without any third-party licence.

    apt-get install imagemagick fonts-dejavu-core
    scripts/make-samples.py [DIR]          (default: samples)

field-guide.pdf      born digital, 4 pages with a text layer
scanned-letter.pdf   2 pages as pictures: slightly rotated, with noise, without a text layer
notes.md             Markdown with headings, a list, a table and a code block
receipt-photo.png    like a photograph: with perspective, lit from one side, with noise

The PDF files are written byte by byte below, so they are reproducible. ImageMagick draws the pictures with a fixed
seed; another version of it may draw them slightly differently.
"""

import pathlib
import subprocess
import sys
import tempfile
import textwrap
import zlib

CONVERT = "convert-im6.q16"  # Debian's name for ImageMagick's own program

GUIDE = [
    (
        "A Field Guide to the Pack Horse Roads",
        """Before there were cart roads over the high moors, everything that a valley could not grow came to it on
the back of a horse. Salt, lead, wool, coal, pots and news all travelled in trains of twenty to forty animals, walking
in single file behind a leader with a collar of bells.

This guide is for people who walk the old roads today. It tells how a train was made up, what the loads weighed, how
to read the stones beside the way, and which markets the roads were made for. It does not tell how to keep a horse.

A pack horse road is seldom wider than two paces. It is paved, where it is paved at all, with a single row of
flagstones down the middle, worn hollow by the hooves. Where the road meets a stream there is a ford for the dry
months and a narrow bridge for the wet ones, with walls so low that the panniers could pass above them.""",
    ),
    (
        "Horses and loads",
        """The horses of the trade were small and sturdy, thirteen to fourteen hands, with hard feet and a quiet
temper. They were called galloways in the north and jaggers in the hills between. A good one walked twenty-five miles
in a day and thought little of it.

A full load was two hundredweight and a quarter, about 114 kilograms, hung in two equal panniers so that the saddle sat
straight. Salt was carried in baskets lined with straw; lead went as four pigs of metal, two on each side; charcoal,
which weighs little, was heaped until the animal could hardly be seen.

The load was taken off every four hours. A driver who let the saddle stay on through the midday rest paid a fine of
sixpence to the master of the train, for a galled back kept a horse from work for three weeks.""",
    ),
    (
        "Stones and signs",
        """Tall stones mark the way where snow lies long. On the open moor they stand about two hundred paces apart,
near enough that the next one shows through a light fog. A stone with a hole at the height of a man's hip once held a
rail for tying a string of horses.

Three notches cut in the top of a stone mean water within a bowshot, on the side where the notches slope. A ring cut
around the shaft means that the road divides there: the deeper side of the ring shows the branch that can be used in
winter.

Boundary stones carry the letters of the two parishes that shared the upkeep. Where they quarrelled, the letters have
been cut away and cut again.""",
    ),
    (
        "Markets of the upper valley",
        """Aldermoor holds its market on Tuesday, from the first bell until noon. Wool is sold by the stone on the
north side of the square and salt by the peck under the arcade. Strangers pay a toll of one penny a horse at the east
gate, but pilgrims and midwives pass free.

Skellbeck has its market on Friday. It is the only one in the valley where lamp oil may be sold by weight, because the
town owns the one true set of brass measures, kept in the church.

The great fair at Harrowgill lasts nine days in September. Drovers bring cattle from the islands, and the price of a
galloway doubles by the third day. Whoever needs a horse buys it at Skellbeck the week before.""",
    ),
]

LETTER = [
    """
Thornhope, the 3rd of October

To Master Oswin Pell, at the Salt House

Dear cousin,

I write to tell you how the train fared on its way to the
coast, since you have money in it and I have only my boots.

We left with twenty-six horses and came home with twenty-six,
which old Marrick calls a miracle and I call good shoeing.
The rain held off as far as the Long Causeway. There it began,
and it did not stop for four days.

At the ford below Gannet Crag the water was over the girths.
We waited two nights in the shepherd's barn and paid him with
a cheese and half a peck of salt. On the third morning the
stream had fallen enough to see the stones, and we crossed.

Nothing was lost but a sack of oatmeal and one of my gloves.
""",
    """
You asked about the lead mare. Her name is Juniper, and she
is eleven years old. She wears nine bells on her collar, not
seven as the other trains have it, because two were given by
the abbess of Wendlebury after the mare found the road in fog
and brought eleven nuns safe to their gate.

Never tie her with red cord. She was burned by a red rope as
a foal and will not move a step until it is taken away. A
strip of plain leather does very well.

If you sell your share in the train, sell it to the miller's
widow. She counts honestly and feeds the horses first.

I shall be at the Skellbeck market on Friday with what is
left of the pepper.

Your cousin in all weathers,

Hob Ashgarth
""",
]

NOTES = """\
# Notes of a train master

Kept on the road between Thornhope and the coast. Copy what is useful, mend what is wrong.

## Before setting out

- Look at every hoof the evening before, by daylight.
- Weigh both panniers of each horse. A difference of more than four pounds galls the back by noon.
- Count the bells. A leader that loses one walks unevenly and the whole train with her.

## Salt

Salt draws water. A pannier of salt that weighed 112 pounds in the morning may weigh 118 after a day of fog, and the
buyer at Skellbeck pays for the dry weight only.

### Keeping it dry

Line the basket with rye straw, twice as thick on the weather side. Oilcloth is better, but it costs four shillings and
the mice prefer it to straw.

### Prices

| market | per peck | toll |
| --- | --- | --- |
| Aldermoor | 14 pence | 1 penny a horse |
| Skellbeck | 15 pence | none before eight |
| Harrowgill fair | 19 pence | 3 pence a day |

## Weather

When the sheep come down before dusk, stay where you are. Fog on the Long Causeway lifts by ten in the morning or not
at all.

```
# not a heading: a tally as it is scratched on slate
horses  26
loads   24
spare    2
```

## Lamps

One tin lantern lasts five hours on a gill of oil. The last horse carries one as well, so that the leader can count the
train by looking back.
"""

RECEIPT = """\
THE WOOLPACK INN
Skellbeck Market Square

14 November

stabling 6 horses    3.00
oats 2 bushels       4.40
supper 5 drovers     6.25
candles 1 pound      0.85
mending 1 girth      1.10

TOTAL               15.60
paid in silver

thank you, safe road!
"""


class PDF:
    """The part of the format that these samples need: objects, a cross-reference table, a trailer."""

    def __init__(self):
        self.objects = []

    def add(self, dictionary, stream=None):
        """Adds an object and returns its number."""
        body = dictionary.encode("latin-1")
        if stream is not None:
            body = b"<< %s /Length %d >>\nstream\n%s\nendstream" % (body, len(stream), stream)
        else:
            body = b"<< %s >>" % body
        self.objects.append(body)
        return len(self.objects)

    def write(self, path, pages, title):
        """A page is (content, resources, (width, height) in points)."""
        tree = len(self.objects) + 2 * len(pages) + 1
        kids = []
        for content, resources, (width, height) in pages:
            stream = self.add("/Filter /FlateDecode", zlib.compress(content, 9))
            kids.append(self.add(f"/Type /Page /Parent {tree} 0 R /MediaBox [0 0 {width} {height}] "
                                 f"/Resources << {resources} >> /Contents {stream} 0 R"))
        references = " ".join(f"{kid} 0 R" for kid in kids)
        assert self.add(f"/Type /Pages /Count {len(kids)} /Kids [{references}]") == tree
        catalog = self.add(f"/Type /Catalog /Pages {tree} 0 R")
        information = self.add(f"/Title ({title})") if title else None
        output = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
        starts = []
        for number, body in enumerate(self.objects, 1):
            starts.append(len(output))
            output += b"%d 0 obj\n%s\nendobj\n" % (number, body)
        table = len(output)
        output += b"xref\n0 %d\n0000000000 65535 f \n" % (len(starts) + 1)
        output += b"".join(b"%010d 00000 n \n" % start for start in starts)
        info = f" /Info {information} 0 R" if information else ""
        output += f"trailer\n<< /Size {len(starts) + 1} /Root {catalog} 0 R{info} >>\n".encode()
        output += b"startxref\n%d\n%%%%EOF\n" % table
        path.write_bytes(output)


def field_guide(path):
    pdf = PDF()
    roman = pdf.add("/Type /Font /Subtype /Type1 /BaseFont /Times-Roman /Encoding /WinAnsiEncoding")
    bold = pdf.add("/Type /Font /Subtype /Type1 /BaseFont /Times-Bold /Encoding /WinAnsiEncoding")
    resources = f"/Font << /R {roman} 0 R /B {bold} 0 R >>"

    def shown(text):
        for special in "\\()":
            text = text.replace(special, "\\" + special)
        return f"({text})"

    pages = []
    for number, (heading, body) in enumerate(GUIDE, 1):
        lines = [f"BT /B 20 Tf 72 760 Td {shown(heading)} Tj ET", "BT /R 12 Tf 16 TL 72 720 Td"]
        for paragraph in body.split("\n\n"):
            lines += [f"{shown(line)} Tj T*" for line in textwrap.wrap(" ".join(paragraph.split()), 80)] + ["T*"]
        lines.append(f"ET BT /R 10 Tf 290 40 Td ({number}) Tj ET")
        pages.append(("\n".join(lines).encode("cp1252"), resources, (595, 842)))
    pdf.write(path, pages, "A Field Guide to the Pack Horse Roads")


def draw(text, size, kind, style, place, *operations):
    """A grey picture of a text in a typewriter font, followed by ImageMagick's operations on it."""
    with tempfile.NamedTemporaryFile(suffix=f".{kind}") as out:
        subprocess.run(
            [CONVERT, "-size", size, "xc:white", "-colorspace", "Gray", "-font", "DejaVu-Sans-Mono", "-fill", "gray12",
             *style, "-annotate", place, text, *operations, f"{kind}:{out.name}"],
            check=True)
        return pathlib.Path(out.name).read_bytes()


def scanned_letter(path):
    pdf = PDF()
    pages = []
    width, height = 1240, 1754  # A4 at 150 dots per inch
    for number, (text, angle) in enumerate(zip(LETTER, ("0.7", "-0.5"))):
        picture = draw(
            text, f"{width}x{height}", "jpg", ["-pointsize", "27", "-interline-spacing", "12"], "+110+130",
            "-background", "gray92", "-rotate", angle, "-gravity", "center", "-extent", f"{width}x{height}",
            "-blur", "0x0.7", "-seed", str(20 + number), "-attenuate", "0.12", "+noise", "Gaussian",
            "-level", "2%,97%", "-colorspace", "Gray", "-strip", "-quality", "38")
        image = pdf.add(
            f"/Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceGray "
            "/BitsPerComponent 8 /Filter /DCTDecode", picture)
        pages.append((b"q 595 0 0 842 0 0 cm /I Do Q", f"/XObject << /I {image} 0 R >>", (595, 842)))
    pdf.write(path, pages, None)


def receipt_photo(path):
    picture = draw(
        RECEIPT, "620x860", "png", ["-pointsize", "24", "-interline-spacing", "10"], "+60+90",
        # The sheet lies on a dark table, seen from the lower right.
        "-bordercolor", "gray30", "-border", "60x50", "-virtual-pixel", "edge", "-distort", "Perspective",
        "0,0 26,14  740,0 706,40  740,960 732,946  0,960 4,930",
        # A lamp on the left: the right side is in shadow.
        "(", "-size", "960x740", "gradient:white-gray45", "-rotate", "270", ")", "-compose", "Multiply", "-composite",
        "-blur", "0x0.6", "-seed", "5", "-attenuate", "0.12", "+noise", "Gaussian",
        "-colorspace", "Gray", "-strip", "-depth", "8", "+dither", "-colors", "64", "-define", "png:compression-level=9")
    path.write_bytes(picture)


def main(target):
    target.mkdir(parents=True, exist_ok=True)
    field_guide(target / "field-guide.pdf")
    scanned_letter(target / "scanned-letter.pdf")
    (target / "notes.md").write_text(NOTES, encoding="utf-8")
    receipt_photo(target / "receipt-photo.png")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "samples"))
