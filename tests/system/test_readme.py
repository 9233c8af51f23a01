"""The tour of README.md on an installation of `make up`. On containers: tests/compose/check."""

import tour


def test_the_tour(stack, tmp_path):
    tour.run(stack.http_port, stack.http_port + 30, tmp_path)
