"""What the running test has opened: each has stop(), clean() and story(). When a test fails, their words are shown."""

_things = []


def add(thing):
    _things.append(thing)


def story():
    """The last words of everything that the running test opened."""
    return "\n".join(thing.story() for thing in _things)


def close():
    """Stop and remove all, the youngest first. The first error is raised at the end."""
    first = None
    while _things:
        thing = _things.pop()
        for step in (thing.stop, thing.clean):
            try:
                step()
            except Exception as error:  # the others are to be closed all the same
                first = first or error
    if first:
        raise first


class Thing:
    """Base: usable with `with` where no runner closes it."""

    def stop(self):
        pass

    def clean(self):
        pass

    def story(self):
        return ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self in _things:
            _things.remove(self)
        self.stop()
        self.clean()
