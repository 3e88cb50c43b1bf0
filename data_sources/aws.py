"""A session with AWS, or with a service that answers like it; what goes wrong becomes a SourceError in plain words."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from data_sources.failures import (
    BadPayload,
    Forbidden,
    NotFound,
    Patience,
    RateLimited,
    Refused,
    SourceError,
    Unauthorised,
    Unreachable,
    VendorFailure,
)

HIDDEN = "•••"
_WRONG_CREDENTIALS = re.compile(
    r"UnrecognizedClient|InvalidClientTokenId|InvalidAccessKeyId|Expired|Signature|MissingAuth|InvalidToken"
)
_NAMED_PERMISSION = re.compile(r"\b(?:apigateway|s3|logs|kms):\w+")
_MISSING = re.compile(r"NoSuch|NotFound")


class Session:
    """One of AWS's clients. Its errors name no secret."""

    def __init__(self, client: Any, secrets: tuple[str, ...]) -> None:
        self.client, self._secrets = client, tuple(filter(None, secrets))

    def call(self, operation: str, permission: str | None = None, **params: Any) -> Any:
        """What an operation answers, or a SourceError; where it is denied, `permission` is what it takes."""
        with self.failing(operation, permission):
            return getattr(self.client, operation)(**params)

    @contextmanager
    def failing(self, operation: str, permission: str | None = None) -> Iterator[None]:
        """Turns what botocore raises in the block into a SourceError."""
        from botocore import exceptions

        try:
            yield
        except exceptions.ClientError as error:
            raise self._failure(operation, error.response, permission) from None
        except (exceptions.HTTPClientError, exceptions.ConnectionError, exceptions.IncompleteReadError) as error:
            raise Unreachable(self.redact(f"AWS, {operation}: {error}")) from None
        except (exceptions.NoCredentialsError, exceptions.PartialCredentialsError) as error:
            raise Unauthorised(f"AWS: {error}; set them up for the AWS tools, or name a secret as `key`") from None
        except (exceptions.SSOError, exceptions.TokenRetrievalError, exceptions.CredentialRetrievalError) as error:
            raise Unauthorised(self.redact(f"AWS: the sign-in has ended or fails: {error}"[:500])) from None
        except exceptions.BotoCoreError as error:
            kind = BadPayload if isinstance(error, exceptions.ResponseParserError) else SourceError
            raise kind(self.redact(f"AWS, {operation}: {error}"[:500])) from None
        except (TypeError, ValueError, AttributeError, KeyError) as error:  # what botocore's parser trips over
            raise BadPayload(self.redact(f"AWS, {operation}: not an answer of AWS: {error}"[:500])) from None

    def redact(self, words: str) -> str:
        """The text without this session's secrets."""
        for secret in self._secrets:
            words = words.replace(secret, HIDDEN)
        return words

    def _failure(self, operation: str, response: Mapping[str, Any], permission: str | None) -> SourceError:
        said, status = response.get("Error", {}), response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        code, message = str(said.get("Code", "")), str(said.get("Message", ""))
        words = self.redact(f"AWS, {operation}: HTTP {status}: {code}: {message}"[:500])
        if status == 429 or "Throttl" in code or "TooManyRequests" in code or code == "SlowDown":
            return RateLimited(words)
        if _WRONG_CREDENTIALS.search(code):
            return Unauthorised(words)
        if code == "InvalidObjectState":
            return Refused(f"{words}; it is archived and must be restored first")
        if status in (401, 403) or "AccessDenied" in code:
            forbidden = Forbidden(words)
            named = _NAMED_PERMISSION.search(message)
            forbidden.permission = named.group() if named else permission
            return forbidden
        if status == 404 or _MISSING.search(code):
            return NotFound(words)
        return (VendorFailure if status >= 500 else Refused)(words)


def client(
    service: str,
    source: Any,
    url: str | None,
    secret: str,
    patience: Patience,
    connections: int = 10,
    retries: str = "adaptive",
) -> tuple[Any, tuple[str, ...]]:
    """A client of an AWS service, and the secrets that its errors must not show. Raises SourceError.

    The source's `region` and `profile` hold; `secret` is ACCESS_KEY_ID:SECRET_ACCESS_KEY, empty for what the AWS tools find.
    As many `connections` are kept as threads may ask at once; "adaptive" `retries` keep to the pace that a service allows, "standard" ones wait
    each for itself.
    """
    # loaded only where it is needed: boto3 takes longer to import than all the rest
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    access, _colon, key = secret.partition(":")
    if secret and not (access and key):
        raise SourceError("key: expected ACCESS_KEY_ID:SECRET_ACCESS_KEY in the secret that it names")
    more: dict[str, Any] = {}
    if service == "s3":
        more["response_checksum_validation"] = "when_required"
        if url:
            # other services that answer like S3 have no host of its own for a bucket, and may know no checksums
            more["request_checksum_calculation"] = "when_required"
            more["s3"] = {"addressing_style": "path"}
    config = Config(
        connect_timeout=patience.connect,
        read_timeout=patience.read,
        max_pool_connections=connections,
        retries={"mode": retries, "total_max_attempts": patience.attempts},
        **more,
    )
    given = {"aws_access_key_id": access, "aws_secret_access_key": key} if secret else {}
    try:
        session = boto3.session.Session(profile_name=source.profile, region_name=source.region, **given)
        return session.client(service, endpoint_url=url, config=config), (secret, access, key)
    except (BotoCoreError, ValueError) as error:
        raise SourceError(f"AWS: {error}") from None
