"""GUIDs, the ids of customers and subscriptions. Partner Center ignores their case."""

import re
from typing import Final

GUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
EXAMPLE_GUID: Final = "eebd1b55-5360-4438-a11d-5c06918c3014"
