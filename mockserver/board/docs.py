"""The reference of what is played, from Redoc's own bundle, which comes with the package: no request leaves.

Redoc 2.5.4 (MIT, licence beside it): 1.1 MB as it is, 0.33 MB packed with gzip, as it is shipped and served.
One address is changed in it: that of a logo on its maker's server, which is our own icon instead. Measured
besides, packed: RapiDoc 9.3.8 0.22 MB, Swagger UI 5.35.0 0.48 MB with its style, Scalar 1.46.4 0.99 MB. Redoc
is the smallest of those that read OpenAPI 3.1 well and fit a phone.
"""

from __future__ import annotations

import gzip
from pathlib import Path

from starlette.responses import Response

REDOC = "redoc.standalone.js"
FILE = Path(__file__).parent / "static" / "redoc" / f"{REDOC}.gz"
# Redoc writes styles into the page as it draws; its search works in a thread made from a blob.
DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


def redoc(*, packed: bool = True) -> Response:
    """The bundle; unpacked for who does not take gzip."""
    data = FILE.read_bytes()
    headers = {
        "Cache-Control": "max-age=86400",
        "X-Content-Type-Options": "nosniff",
        "Vary": "Accept-Encoding",
    }
    if packed:
        headers["Content-Encoding"] = "gzip"
    else:
        data = gzip.decompress(data)
    return Response(data, headers=headers, media_type="text/javascript")
