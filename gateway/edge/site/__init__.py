"""What is answered beside GraphQL: pages for browsers, probes, metrics, the graph in SDL."""
