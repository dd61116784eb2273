// The control messages are header-only.
