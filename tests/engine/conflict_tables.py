# ruff: noqa: E501 -- tables stand as they are read
"""The conflict tables, written by hand: first requests down, second ones across."""

from typing import Final

from .conflicts import COPY, GROUP, PLAIN, RICH, SEEN

TABLES: Final = {
    PLAIN: """
          snapshot snap-copy clone extend rename mark let-go adopt migrate retype delete group attach backup onto
snapshot  b        b         b     w      w      w    w      w     S       S      S      b     b      b      w
snap-copy b        b         b     w      w      w    w      w     C       C      C      b     b      b      C
clone     b        b         b     w      w      w    w      w     w       w      w      b     b      b      w
extend    w        w         w     w      w      w    w      w     w       w      w      w     w      w      w=
rename    wV       wV        wV    wV     wV     wV   wV     wV    wV      wV     wV     wV    wV     wV     wV
mark      w        w         w     w      w      w    w      w     w       w      w      w     w      w      wR
let-go    w        w         w     w      w      w    w      w     w       w      w      w     w      w      w
adopt     wV       wV        wV    wV     wV     wV   wV     wV    wV      wV     wV     wV    wV     wV     wV
migrate   w        w         w     w      w      w    w      w     w0      w      w      w     w      w      w
retype    w        w         w     w      w      w    w      w     w       w0     w      w     w      w      w
delete    wV       wV        wV    wV     wV     wV   wV     wV    wV      wV     wV     wV    wV     wV     wV
group     b        b         b     w      w      w    w      w     w       w      wI     bI    b      b      w
attach    b        b         b     w      w      w    w      w     w       w      wU     b     wA     b      wU
backup    b        b         b     w      w      w    w      w     w       w      w      b     b      w      w
onto      w        w         w     w      w      w    w      w     w       w      w      w     w      w      w
""",
    RICH: """
          snapshot snap-copy clone extend rename mark attach copy branch restore drop promote drop-copy all leave disband backup migrate delete
snapshot  b        b         b     w      w      w    b      b    b      w       b    b       b         b   b     b       b      C       I
snap-copy b        b         b     w      w      w    b      b    b      w       b    b       b         b   b     b       b      C       I
clone     b        b         b     w      w      w    b      b    b      w       b    b       b         b   b     b       b      C       I
extend    w        w         w     w      w      w    w      w    w      w       w    w       w         w   w     b       w      C       I
rename    wV       wV        wV    wV     wV     wV   wV     w    w      wV      w    w       w         w   wV    b       w      C       I
mark      w        w         w     w      w      w    w      w    w      w       w    w       w         w   w     b       w      C       I
attach    b        b         b     w      w      w    wA     b    b      w       b    b       b         b   b     b       b      C       I
copy      b        b         b     w      w      w    b      b    b      w       w    b       b         b   b     b       b      C       I
branch    b        b         b     w      w      w    b      b    b      w       w    b       b         b   b     b       b      C       I
restore   w        w         w     w      w      w    w      w    w      w       w    w       w         w   w     b       w      C       I
drop      b        b         b     w      w      w    b      wN   wN     wN      wN   b       b         b   b     b       b      C       I
promote   b        b         b     w      w      w    b      b    b      w       b    w0      w         b   b     b       b      C       I
drop-copy b        b         b     w      w      w    b      b    b      w       b    wV      wV        b   b     b       b      C       I
all       b        b         b     w      w      w    b      b    b      w       b    b       b         b   w     w       b      C       I
leave     b        b         b     w      w      w    b      b    b      w       b    b       b         wE  wO    w       wE     C       I
disband   b        b         b     b      b      b    b      b    b      b       b    b       b         wG  wG    wG      wG     C       I
backup    b        b         b     w      w      w    b      b    b      w       b    b       b         b   w     w       w      C       I
""",
    COPY: """
          snapshot snap-copy clone rename mark attach backup migrate delete promote cross detach source extend
snapshot  b        b         b     w      w    w      w      wS      w      wS      wS    wD     C      E
snap-copy b        b         b     w      w    w      w      wS      w      wS      wS    wD     C      E
clone     b        b         b     w      w    w      w      w       w      w       w     wD     C      E
rename    wV       wV        wV    wV     wV   wV     wV     wV      wV     wV      wV    wV     C      E
mark      w        w         w     w      w    w      w      w       w      w       w     wD     C      E
attach    wH       wH        wH    w      w    wA     wH     w       wU     w       wU    w      C      E
backup    w        w         w     w      w    w      w      w       w      w       w     wD     C      E
migrate   w        w         w     w      w    w      w      w0      w      w0      w0    wD     C      E
delete    wV       wV        wV    wV     wV   wV     wV     wV      wV     wV      wV    wV     C      E
promote   w        w         w     w      w    w      w      w       w      w0      w0    wD     C      E
cross     w        w         w     w      w    w      w      w       w      w0      w0    wD     C      E
""",
    GROUP: """
        all drop clones add leave disband backup extend rename delete
all     b   b    b      w   w     w       b      w      w      I
drop    b   wN   wN     b   b     b       b      w      w      I
clones  b   w    b      b   b     b       b      w      w      I
add     w   b    b      wI  w     w       w      b      b      I
leave   w   b    b      w   wO    w       w      w      w      I
disband wG  b    b      wG  wG    wG      wG     b      b      I
backup  b   b    b      w   w     w       w      w      w      I
extend  w   w    w      b   w     b       w      w      w      I
rename  w   w    wV     b   wV    b       w      wV     wV     I
""",
    SEEN: """
         detach other snapshot clone extend rename let-go migrate group backup mark delete onto
detach   wD     w     b        b     w      w      w      w       b     b      w    w      wR
other    w      wA    b        b     w      w      w      w       b     b      w    U      U
snapshot b      b     b        b     w      w      w      S       b     b      w    U      U
clone    b      b     b        b     w      w      w      w       b     b      w    U      U
extend   w      w     w        w     w      w      w      w       w     w      w    U      U
rename   wV     wV    wV       wV    wV     wV     wV     wV      wV    wV     wV   U      U
let-go   w      w     w        w     w      w      w      w       w     w      w    U      U
migrate  w      w     w        w     w      w      w      w0      w     w      w    U      U
group    b      b     b        b     w      w      w      w       bI    b      w    U      U
backup   b      b     b        b     w      w      w      w       b     w      w    U      U
mark     w      w     w        w     w      w      w      w       w     w      w    U      U
""",
}
ROWS: Final[dict[str, dict[str, str]]] = {
    PLAIN: {},
    RICH: {"migrate": "C", "delete": "I"},
    COPY: {"detach": "bD", "source": "C", "extend": "E"},
    GROUP: {"delete": "I"},
    SEEN: {"delete": "U", "onto": "U"},
}
"""What is refused, or fails, when nothing else is under way: it has a column, but no row."""

TRIPLES: Final = (
    (PLAIN, "snap-copy delete snap-copy", "b C b"),
    (PLAIN, "clone delete clone", "b w wV"),
    (PLAIN, "snapshot extend snapshot", "b w w"),
    (PLAIN, "clone extend clone", "b w w"),
    (PLAIN, "attach backup attach", "b b wA"),
    (PLAIN, "snapshot rename snapshot", "b w wV"),
    (PLAIN, "migrate snapshot migrate", "b w S"),
    (PLAIN, "backup delete backup", "b w wV"),
    (PLAIN, "mark attach onto", "b w wU"),
    (RICH, "branch drop branch", "b w wN"),
    (RICH, "copy restore drop", "b w w"),
    (RICH, "promote snap-copy drop-copy", "b b w"),
    (RICH, "snapshot restore extend", "b w w"),
    (RICH, "all disband backup", "b w wG"),
    (COPY, "clone promote delete", "b w w"),
    (COPY, "cross rename attach", "b w wV"),
    (COPY, "promote snapshot delete", "b w wS"),
    (GROUP, "clones drop all", "b w b"),
    (GROUP, "add leave all", "b w w"),
    (GROUP, "backup disband add", "b w wG"),
    (SEEN, "detach other snapshot", "b w b"),
    (SEEN, "detach delete snapshot", "b wS b"),
    (SEEN, "detach delete other", "b wU w"),
    (COPY, "backup attach backup", "b w wH"),
    (SEEN, "backup detach other", "b b w"),
    (SEEN, "other backup detach", "b b w"),
)
"""Three at one time: on what, which, and what becomes of each."""
