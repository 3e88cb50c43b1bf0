"""What comes in: transports, vendor APIs, the record store, the ledger and the demo company."""
