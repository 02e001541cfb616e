"""Everything but GraphQL: pages for browsers, probes, metrics and the schema."""
