//! What a machine does with a workload: time, throughput, memory, power, failures.
