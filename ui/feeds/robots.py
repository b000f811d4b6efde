"""What crawlers may read: all pages and feeds, and none of the doors where answers are worked out."""

from urllib.parse import urlsplit

_SHUT = ("/api/", "/gradio_api/", "/v1/", "/mcp", "/admin")


def written(base: str) -> bytes:
    """The rules, and where the sitemap is."""
    prefix = urlsplit(base).path
    shut = [f"Disallow: {prefix}{path}" for path in _SHUT]
    return "\n".join(["User-agent: *", *shut, f"Allow: {prefix}/", "", f"Sitemap: {base}/sitemap.xml", ""]).encode()
