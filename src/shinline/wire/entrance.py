"""How a client comes to the Python broker: with an identity of ours, and known before it counts.

amqtt lets a client choose the session that it takes over by nothing but its identifier, *before*
it asks who the client is: a stranger who knew the identifier could take the subscriptions of
another, or sit down in its session. It also keeps the sessions of those whom it turns away.
"""

import ssl
from typing import Any

from amqtt.broker import Broker
from amqtt.mqtt.protocol.broker_handler import BrokerProtocolHandler
from amqtt.session import Session
from amqtt.utils import gen_client_id


class Entrance(Broker):  # type: ignore[misc]  # amqtt has no types
    """amqtt where every connection is a session of its own."""

    async def _initialize_client_session(
        self, reader: Any, writer: Any, *_address: Any
    ) -> tuple[BrokerProtocolHandler, Session]:
        """Read who comes; what it calls itself matters to nobody else.

        Nothing is kept for who went away, whatever it asked for: what is worth keeping is
        retained, and a cue of an hour ago is not.
        """
        handler, session = await BrokerProtocolHandler.init_from_connect(
            reader, writer, self.plugins_manager
        )
        session.client_id, session.clean_session, session.parent = gen_client_id(), True, 0
        return handler, session

    async def _handle_client_session(
        self, reader: Any, writer: Any, client_session: Session, *rest: Any
    ) -> None:
        try:
            await super()._handle_client_session(reader, writer, client_session, *rest)
        finally:
            await self._cleanup_session(client_session.client_id)

    @staticmethod
    def _create_ssl_context(listener: Any) -> ssl.SSLContext:
        """Encrypt, and ask no browser for a certificate of its own, as amqtt would."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(listener["certfile"], listener["keyfile"])
        return context
