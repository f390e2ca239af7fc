//! From samples to quantiles, bands, tail means, scores, standard errors; knows no GPU.
