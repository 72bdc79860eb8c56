"""The glue as a job of the cluster: it waits for its session at a port, behind TLS that only the two have the key to."""

import hashlib
import hmac
import os
import select
import socket
import ssl
import sys
import threading
import time

import driver
import frames

# How long a session has to come.
ACCEPT_SECONDS = 120
HANDSHAKE_SECONDS = 10
CHUNK = 1 << 18


def initialize(_header):
    import ray

    return ray.init(log_to_driver=False, logging_level="ERROR").dashboard_url


def context():
    """Both sides hold the same certificate, made for this session, and trust nothing else."""
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    c.minimum_version = ssl.TLSVersion.TLSv1_3
    pem = os.path.join(os.path.dirname(os.path.abspath(__file__)), "session.pem")
    c.load_cert_chain(pem)
    c.load_verify_locations(pem)
    c.verify_mode = ssl.CERT_REQUIRED
    return c


def relay(tls, plain):
    """Moves bytes between the two until either ends. An SSL socket bears one thread, the driver has several."""
    tls.setblocking(False)
    plain.setblocking(False)
    pending = {tls: b"", plain: b""}  # to be written
    while True:
        readers = [] if pending[plain] else [tls]
        if not pending[tls]:
            readers.append(plain)
        writers = [s for s in pending if pending[s]]
        if tls in readers and tls.pending():
            ready = [tls]
        else:
            readable, writable, _ = select.select(readers, writers, [])
            ready = [s for s in readers if s in readable] + [s for s in writers if s in writable]
        for s in ready:
            other = plain if s is tls else tls
            try:
                if pending[s]:
                    sent = s.send(pending[s])
                    pending[s] = pending[s][sent:]
                if s in readers and not pending[other]:
                    data = s.recv(CHUNK)
                    if not data:
                        return
                    pending[other] = memoryview(data)
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
                pass


def admitted(connection, digest):
    """Whether the other end of connection, which is TLS, also knows the token."""
    token = connection.recv(64)
    return hmac.compare_digest(hashlib.sha256(token).hexdigest(), digest)


def main():
    port, digest = int(sys.argv[1]), sys.argv[2]
    listener = socket.create_server(("", port))
    import ray.util

    print("RIVULET LISTENS %s:%d" % (ray.util.get_node_ip_address(), listener.getsockname()[1]), flush=True)
    tls_context = context()
    until = time.monotonic() + ACCEPT_SECONDS
    while True:
        listener.settimeout(max(until - time.monotonic(), 0.01))
        raw, _ = listener.accept()
        try:
            raw.settimeout(HANDSHAKE_SECONDS)
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 15)
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 5)
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)
            tls = tls_context.wrap_socket(raw, server_side=True)
            if admitted(tls, digest):
                break
            tls.close()
        except OSError:
            raw.close()
    listener.close()
    ours, theirs = socket.socketpair()

    def carry():
        try:
            relay(tls, theirs)
        except OSError:
            pass
        theirs.close()

    threading.Thread(target=carry, daemon=True).start()
    try:
        driver.serve(frames.Frames(ours), initialize)
    except (BrokenPipeError, ConnectionResetError):
        pass
    os._exit(0)
