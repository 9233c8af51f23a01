"""A certification authority of a test's own, and TLS in front of a server that has none."""

import contextlib
import itertools
import socket
import ssl
import subprocess
import threading


numbers = itertools.count(1)


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)


class Authority:
    """`file` is its certificate."""

    def __init__(self, folder, name="test"):
        self.folder, self.name = folder, name
        self.file, self.key = folder / f"{name}.pem", folder / f"{name}.key"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", 2, "-subj", f"/CN={name} authority",
                "-keyout", self.key, "-out", self.file)

    def issue(self, name, alternative=None, days=2):
        """(certificate, key) for a common name; `alternative` like "DNS:host", of which "" is none."""
        base = self.folder / f"{self.name}-{next(numbers)}"
        key, request, certificate, extensions = (base.with_suffix(s) for s in (".key", ".csr", ".crt", ".ext"))
        extensions.write_text(f"subjectAltName={alternative}\n" if alternative else "basicConstraints=CA:FALSE\n")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={name}", "-keyout", key, "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self.key, "-set_serial", next(numbers), "-days", days, "-extfile", extensions, "-out", certificate)
        return certificate, key

    def server(self, host="localhost"):
        """The context of a server that shows a certificate for `host`."""
        certificate, key = self.issue(host, f"DNS:{host}")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        return context


class Front:
    """Takes TLS connections and passes what they say to a port of this machine. `count`: handshakes that succeeded."""

    def __init__(self, context, port):
        self.context, self.to, self.count = context, port, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.sockets = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._connection, args=(self.listener.accept()[0],), daemon=True).start()

    def _connection(self, plain):
        with contextlib.suppress(OSError):
            secure = self.context.wrap_socket(plain, server_side=True)
            self.count += 1
            behind = socket.create_connection(("127.0.0.1", self.to))
            self.sockets += [secure, behind]
            threading.Thread(target=self._pass, args=(behind, secure), daemon=True).start()
            self._pass(secure, behind)

    @staticmethod
    def _pass(source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        for s in (source, target):
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()
        for s in self.sockets:
            with contextlib.suppress(OSError):
                s.close()
