"""What Schemathesis makes up is turned towards what there is: half of all names are names of containers, stacks and roles here.

Its hooks, named by SCHEMATHESIS_HOOKS. Everything depends on the value alone, so that each run asks the same.
"""

import schemathesis

NAMES = {"container": ["web-1", "db-1"], "stack": ["shop"], "service": ["web", "db"], "engine": ["local"]}
ACTIONS = ["start", "stop", "restart", "kill", "pause", "unpause"]


def known(names, value):
    return names[len(str(value)) // 2 % len(names)] if len(str(value)) % 2 == 0 else value


@schemathesis.hook
def map_query(context, query):
    for name, value in list((query or {}).items()):
        if name == "follow":
            # It never ends.
            query[name] = "false"
        elif name in NAMES:
            query[name] = [known(NAMES[name], one) for one in value] if isinstance(value, list) else known(NAMES[name], value)
    return query


@schemathesis.hook
def map_path_parameters(context, parameters):
    for name, value in list((parameters or {}).items()):
        if name == "id" and isinstance(value, str):
            parameters[name] = known(NAMES["container"], value)
        elif name == "action":
            parameters[name] = known(ACTIONS, value)
        elif name == "service":
            parameters[name] = known(NAMES["service"], value)
    return parameters
