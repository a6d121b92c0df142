"""Decides how letters leave by SMTP: our own client, because an ordinary one cannot tell sent from not sent."""

from goodterms.delivery.channels.smtp.lanes import send_all
from goodterms.delivery.channels.smtp.relay import Relay
from goodterms.delivery.channels.smtp.wire import TIMEOUTS, Timeouts

__all__ = ["TIMEOUTS", "Relay", "Timeouts", "send_all"]
