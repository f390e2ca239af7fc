//! (seed, stream name, path, step) → numbers; counter-based, block-wise.
