//! Results made visible: table, JSON/CSV, fan chart; one file per format.
