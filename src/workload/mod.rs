//! What must be served, in its own unit, and its shape through the day.
