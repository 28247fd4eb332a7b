"""What goes wrong with a sign-in -> a word for the sign-in page, and a sentence for people."""

from controller.log import Logger
from controller.web.problems import SignInFirst
from controller.web.settings import WebSettings

_log = Logger(__name__)


def sentences(issuer: str) -> dict[str, str]:
    """What is told of each fault."""
    return {
        "unknown": "This sign-in was not begun in this browser, or more than ten minutes ago: begin again",
        "refused": f"{issuer} did not sign you in",
        "untrusted": f"{issuer} sent no token that can be trusted; the server's log says why",
        "not-accepted": f"The cluster's API server does not accept tokens of {issuer}",
        "too-long": f"The token of {issuer} is too long for a cookie: it must hold less, such as fewer groups",
        "away": f"{issuer} does not answer as it should; try again soon, or use a token",
        "cluster-away": "The cluster's API server does not answer; try again soon",
    }


class SignInFault(SignInFirst):
    """Nobody is signed in, and why; `told` is for the log."""

    def __init__(self, word: str, settings: WebSettings, told: object = "") -> None:
        super().__init__(sentences(settings.oidc_issuer)[word], way_on="Sign in again, or with a token")
        self.fault = word
        if word.endswith("away"):
            self.status, self.word, self.title = 503, "unavailable", "Something that is needed does not answer"
        _log.warning("a sign-in by OpenID Connect failed", fault=word, told=str(told)[:500])
