def check(topic, payload): pass
