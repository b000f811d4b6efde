"""`robots.txt`: crawlers may read pages and feeds, but not the API, where each request computes an answer."""

from urllib.parse import urlsplit

_DISALLOWED = ("/api/", "/gradio_api/", "/v1/", "/mcp", "/admin")


def robots_txt(base: str) -> bytes:
    """The rules and the address of the sitemap.

    Args:
        base: The public address, without a slash at the end.
    """
    prefix = urlsplit(base).path
    rules = [f"Disallow: {prefix}{path}" for path in _DISALLOWED]
    return "\n".join(["User-agent: *", *rules, f"Allow: {prefix}/", "", f"Sitemap: {base}/sitemap.xml", ""]).encode()
