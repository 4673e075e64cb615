"""serve - an HTTP server with the faults that downloads meet, for 95-data.t

usage: serve.py FOLDER LOG PORT-FILE

/FAULT/N/K/NAME gives FOLDER/NAME; the fault strikes the first K requests for the path, after N bytes of the answer:
drop closes the connection, stall sends no more (until FOLDER/go exists), busy answers N, whole takes no Range at all,
dropwhole does both. LOG has a line a request: the path, the Range or -, the status.
"""
import collections, http.server, os, sys, threading, time

folder, log, port_file = sys.argv[1:]
seen, lock = collections.Counter(), threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        fault, n, k, name = self.path[1:].split("/", 3)
        with lock:
            seen[self.path] += 1
            strikes = seen[self.path] <= int(k)
        try:
            with open(os.path.join(folder, name), "rb") as f:
                data = f.read()
        except OSError:
            return self.answer(404)
        if fault == "busy" and strikes:
            return self.answer(int(n))
        asked, start = self.headers.get("Range"), 0
        if asked and "whole" not in fault:
            start = int(asked[6:].split("-")[0])
            if start >= len(data):
                return self.answer(416, 0, f"bytes */{len(data)}")
            self.answer(206, len(data) - start, f"bytes {start}-{len(data) - 1}/{len(data)}")
        else:
            self.answer(200, len(data))
        rest = data[start:]
        if strikes and fault in ("drop", "dropwhole", "stall"):
            self.wfile.write(rest[:int(n)])
            self.wfile.flush()
            if fault != "stall":
                return
            rest = rest[int(n):]
            while not os.path.exists(os.path.join(folder, "go")):
                time.sleep(0.05)
        self.wfile.write(rest)

    def answer(self, status, length=0, content_range=None):
        with lock, open(log, "a") as f:
            f.write(f"{self.path} {self.headers.get('Range') or '-'} {status}\n")
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        if content_range:
            self.send_header("Content-Range", content_range)
        self.end_headers()

    def log_message(self, *_):
        pass

    def handle(self):
        try:
            super().handle()
        except OSError:  # the client has gone
            pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
with open(port_file + ".part", "w") as f:
    f.write(str(server.server_port))
os.rename(port_file + ".part", port_file)
server.serve_forever()
