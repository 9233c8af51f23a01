#include "criteria.h"

#include "json.h"
#include "mem.h"

bool criteria_dependencies(const json_t *dependencies, const json_t *attributes)
{
    bool held = json_array_size(dependencies) == 0;
    const json_t *dependency;
    size_t i;

    json_array_foreach(dependencies, i, dependency)
    {
        bool sufficient = json_is_true(json_object_get(dependency, "sfc"));
        const json_t *a = json_array_get(attributes, i);

        if (!json_is_object(a))
            continue;
        if (criteria_hold(json_object_get(dependency, "evc"), a))
            held = true;
        else if (!sufficient)
            return false;
        else
            continue;
        if (sufficient)
            return true;
    }
    return held;
}

bool criteria_conditions(const json_t *conditions, const json_t *subjects)
{
    const json_t *condition;
    size_t i;

    json_array_foreach(conditions, i, condition)
    {
        const char *sri = json_str(condition, "sri");

        if (!sri || !criteria_hold(json_object_get(condition, "evc"), json_object_get(subjects, sri)))
            return false;
    }
    return true;
}
