"""Which requests a worker's death repeats: what may have had an effect runs once, and its client is told."""
import os
import pathlib
import random
import shutil
import signal
import threading
import time
import unittest

from load import Load
from osmia_server import ServerTest, pool, site

ROUNDS = 100 if os.environ.get("OSMIA_SLOW") == "1" else 20
RECORD = pathlib.Path(os.environ["OSMIA_RECORD"])
CLIENTS = 8


class Methods(ServerTest):
    def setUp(self):
        super().setUp()
        self.place.add_example("md5_post", "vars")
        shutil.copy(RECORD, self.place.site / "record.so")

    def kill_workers(self, rounds):
        for _ in range(rounds):
            time.sleep(random.uniform(0.05, 0.15))
            for worker in self.server.workers():
                if worker["state"] == "running":
                    try:
                        os.kill(worker["pid"], signal.SIGKILL)
                    except ProcessLookupError:
                        pass

    def ask(self, client, method, answers, stop):
        """A connection that is opened again when it broke."""
        connection = self.server.connect(60)
        turn = 0
        while not stop.is_set():
            name = f"{client}-{turn}"
            turn += 1
            answer = connection.request(f"/record.so?id={name}&ms=5", method, body=b"x" if method == "POST" else None)
            answers[name] = (answer.status, answer.body.decode())
            if answer.header("Connection") == "close":
                connection.close()
                connection = self.server.connect(60)
        connection.close()

    def run_clients(self, method):
        answers, stop = {}, threading.Event()
        threads = [threading.Thread(target=self.ask, args=(client, method, answers, stop)) for client in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            self.kill_workers(ROUNDS)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        data = pathlib.Path(self.server.json("list", "apps")[0]["dataFolder"])
        return answers, (data / "executed").read_text().splitlines()

    def test_a_post_runs_once_at_most_and_is_answered_with_200_or_502(self):
        self.server = self.serve().listening()
        answers, executed = self.run_clients("POST")
        statuses = [status for status, _ in answers.values()]
        print(f"\n{len(answers)} POSTs, {statuses.count(502)} of them 502")
        self.assertLessEqual(set(statuses), {200, 502})
        self.assertGreater(statuses.count(200), 0)
        self.assertGreater(statuses.count(502), 0, "no kill has met a request")
        self.assertEqual(len(executed), len(set(executed)), "a POST was executed twice")
        for name, (status, body) in answers.items():
            if status == 200:
                self.assertEqual(body, name + "\n")
                self.assertIn(name, executed)

    def test_a_get_may_run_again_and_is_always_answered(self):
        self.server = self.serve().listening()
        answers, executed = self.run_clients("GET")
        print(f"\n{len(answers)} GETs, executed {len(executed)} times")
        self.assertEqual({name: (200, name + "\n") for name in answers}, answers)

    def test_uploads_are_answered_though_workers_die(self):
        self.server = self.serve().listening()
        self.server.get("/vars.so")
        answers, stop = [], threading.Event()
        body = os.urandom(2_000_000)

        def upload():
            while not stop.is_set():
                try:
                    answers.append(self.server.request("/md5_post.so", "POST", body=body, timeout=60).status)
                except (ConnectionResetError, BrokenPipeError):
                    answers.append(None)  # the answer came and the connection closed before the upload was through

        threads = [threading.Thread(target=upload) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            self.kill_workers(ROUNDS)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        print(f"\n{len(answers)} uploads: {answers.count(200)} times 200, {answers.count(502)} times 502, {answers.count(None)} cut while sending")
        self.assertLessEqual(set(answers), {200, 502, None})
        self.assertGreater(answers.count(200), 0)

    def test_an_answer_that_has_begun_is_cut_and_its_client_can_tell(self):
        self.place.add_example("slow_stream")
        self.server = self.serve().listening()
        for _ in range(ROUNDS // 4):
            with self.server.connect() as connection:
                connection.send_request("/slow_stream.so?lines=1000&ms=10")
                head = connection.read_head()
                self.assertEqual(head.header("Transfer-Encoding"), "chunked")
                connection.read_until(b"line 1\n")
                for worker in self.server.workers():
                    os.kill(worker["pid"], signal.SIGKILL)
                try:
                    rest = connection.read_to_end()
                except ConnectionResetError:
                    rest = b""
                self.assertNotIn(b"HTTP/1.1", rest)
                self.assertFalse(rest.endswith(b"\r\n0\r\n\r\n"), "a cut answer looks whole")
            self.assertEqual(self.server.get("/vars.so?name=APP_POOL_ID"), (200, "APP_POOL_ID=DefaultAppPool\n"))

    def test_a_web_garden_loses_nothing_either(self):
        garden = pool("garden", "", '<processModel maxProcesses="3" />')
        self.server = self.serve("--config", self.configure([garden], [site("s", 1, "garden", self.place.site)])).listening()
        self.server.get("/vars.so")
        with Load(self.server.port, connections=32) as load:
            self.kill_workers(ROUNDS)
        print(f"\na web garden: {load.report}, {len(self.server.workers())} workers")
        load.check(self)


if __name__ == "__main__":
    unittest.main()
