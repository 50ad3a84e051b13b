"""The page's few rules of style; colors follow the light or the dark theme."""

from __future__ import annotations

from charts import AGAINST_COLOR, BUILD_COLOR

LINE = "color-mix(in srgb, currentColor 18%, transparent)"
QUIET = "color-mix(in srgb, currentColor 68%, transparent)"

CSS = f"""<style>
.stMainBlockContainer {{ padding-top: 3rem; padding-bottom: 4rem; max-width: 1180px; }}
.stMainBlockContainer h1 {{ font-size: 2rem; padding: .3rem 0; }}
.stMainBlockContainer h3 {{ font-size: 1.15rem; padding: .6rem 0 0; }}
[data-testid="stSidebarHeader"] {{ height: 2.5rem; margin-bottom: 0; }}
/* A note belongs to the input above it. */
[data-testid="stSidebar"] [data-testid="stElementContainer"]:has(> [data-testid="stCaptionContainer"]) {{
  margin-top: -.65rem; }}
.st-key-all-offers {{ min-height: 805px; }}
.open-inputs {{ display: none; }}
.verdict h2 {{ font-size: 1.6rem; line-height: 1.25; font-weight: 600; margin: 0 0 .4rem; padding: 0;
  letter-spacing: -.01em; text-wrap: pretty; }}
.verdict p {{ font-size: 1.05rem; margin: 0; color: {QUIET}; }}
.verdict small {{ font-size: 1rem; font-weight: 400; color: {QUIET}; letter-spacing: 0; }}
.providers small {{ font-size: inherit; }}
.glance {{ font-size: .92rem; }}
.glance .title {{ font-size: .875rem; color: {QUIET}; margin-bottom: .45rem; }}
.providers {{ margin: 0; padding-left: 1.1rem; font-size: .88rem; color: {QUIET}; }}
.providers li {{ margin: .12rem 0; }}
.tiles {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); gap: .75rem; }}
.tile {{ border: 1px solid {LINE}; border-radius: .6rem; padding: .7rem 1rem .8rem; }}
.tile .title {{ font-size: .85rem; color: {QUIET}; }}
.tile .headline {{ font-size: 1.65rem; line-height: 1.3; font-weight: 600; }}
.tile .caption {{ font-size: .85rem; color: {QUIET}; }}
.tile .build {{ color: {BUILD_COLOR}; }}
.tile .rent {{ color: {AGAINST_COLOR}; }}
.how-sure {{ margin: 0; font-size: .95rem; }}
.how-sure .amount {{ white-space: nowrap; }}
.bill {{ width: 100%; border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; }}
.bill caption {{ text-align: left; font-weight: 600; padding-bottom: .3rem; }}
.bill th {{ font-weight: 400; font-size: .8rem; color: {QUIET}; text-align: right; }}
.bill td {{ border-top: 1px solid {LINE}; padding: .3rem 0 .3rem .75rem; vertical-align: top;
  text-align: right; white-space: nowrap; }}
.bill td:first-child {{ text-align: left; white-space: normal; padding-left: 0; }}
.bill small {{ display: block; color: {QUIET}; font-size: .8rem; }}
.bill .total td {{ border-top: 2px solid currentColor; font-weight: 600; }}
.figures {{ width: 100%; border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums; }}
.figures caption {{ text-align: left; font-weight: 600; padding-bottom: .3rem; }}
.figures th {{ font-weight: 400; font-size: .8rem; color: {QUIET}; text-align: right; }}
.figures td {{ border-top: 1px solid {LINE}; padding: .25rem 0 .25rem .75rem; text-align: right;
  vertical-align: top; white-space: nowrap; }}
.figures td:first-child {{ text-align: left; padding-left: 0; white-space: normal; }}
@media (max-width: 640px) {{
  .verdict h2 {{ font-size: 1.35rem; }}
  .open-inputs {{ display: block; font-size: .88rem; color: {QUIET}; }}
  .figures td {{ white-space: normal; }}
  .st-key-all-offers {{ min-height: 1066px; }}
  .stMainBlockContainer [data-testid="stElementContainer"]:has(h1) {{ flex-basis: 100%; }}
}}
.notes p {{ font-size: .85rem; color: {QUIET}; margin: 0 0 .3rem; }}
</style>"""
