//! `event2/ws.h`: WebSocket.
