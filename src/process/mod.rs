//! A random quantity through time; one file per process.
