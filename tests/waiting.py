"""How a test waits for something on a page that has a policy."""

import time

from playwright.sync_api import Error


def under_policy(page):
    """The page, waiting in a way that its policy allows: Playwright's own asks again by `eval`, which only a browser's
    own tools may once it has begun."""

    def wait_for_function(expression, arg=None, timeout=30):
        ends = time.monotonic() + timeout
        while not asked(expression, arg):
            assert time.monotonic() < ends, f"{page.url}: this did not come true: {expression}"
            page.wait_for_timeout(20)

    def asked(expression, arg):
        try:
            return page.evaluate(expression, arg)
        except Error as error:
            if "context was destroyed" not in error.message:  # the page is just being opened anew
                raise

    page.wait_for_function = wait_for_function
    return page
