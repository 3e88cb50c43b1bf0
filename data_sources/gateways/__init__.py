"""API gateways: who may call, and what is served."""
