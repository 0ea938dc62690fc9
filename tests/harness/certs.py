"""Certificates for TLS tests, made anew by openssl: good ones, an expired one, one of a stranger's CA."""
import pathlib
import subprocess
import tempfile


def _openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


class Certs:
    """certs.ca, .server_cert, .server_key, .client_cert, .client_key: files. The server is "localhost" and 127.0.0.1.

    server_days     how long the server's certificate is good; negative: it has expired
    client_days     the same of the client's
    server_name     another name for the server
    """

    def __init__(self, server_days=30, client_days=30, server_name="localhost"):
        self._holder = tempfile.TemporaryDirectory(prefix="gw-certs-")
        self.directory = pathlib.Path(self._holder.name)
        self.ca, self._ca_key = self.directory / "ca.pem", self.directory / "ca.key"
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", 3650,
                 "-subj", "/CN=test CA", "-addext", "basicConstraints=critical,CA:TRUE", "-keyout", self._ca_key,
                 "-out", self.ca)
        names = f"DNS:{server_name}" + (",IP:127.0.0.1" if server_name == "localhost" else "")
        self.server_cert, self.server_key = self._signed("server", server_name, server_days, names)
        self.client_cert, self.client_key = self._signed("client", "home-0137", client_days, "DNS:home-0137")

    def _signed(self, stem, name, days, alternative_names):
        key, request, cert = (self.directory / f"{stem}.{end}" for end in ("key", "csr", "pem"))
        extensions = self.directory / f"{stem}.ext"
        extensions.write_text(f"subjectAltName={alternative_names}\n")
        _openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={name}",
                 "-keyout", key, "-out", request)
        database = self.directory / f"{stem}.db"
        database.mkdir()
        (database / "index.txt").touch()
        (database / "serial").write_text("01\n")
        # "ca" and not "x509": only it can make a certificate whose time is over already.
        config = self.directory / f"{stem}.cnf"
        config.write_text(f"[ca]\ndefault_ca=d\n[d]\ndatabase={database}/index.txt\nserial={database}/serial\n"
                          f"new_certs_dir={database}\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n")
        start, end = _validity(days)
        _openssl("ca", "-batch", "-config", config, "-cert", self.ca, "-keyfile", self._ca_key, "-in", request,
                 "-out", cert, "-startdate", start, "-enddate", end, "-extfile", extensions, "-notext")
        return cert, key


def _validity(days):
    import datetime
    now = datetime.datetime.now(datetime.timezone.utc)
    start = now - datetime.timedelta(days=max(1, 1 - days))
    end = now + datetime.timedelta(days=days)
    return tuple(moment.strftime("%Y%m%d%H%M%SZ") for moment in (start, end))
