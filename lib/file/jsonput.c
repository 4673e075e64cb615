/* jsonput - JSON that we make; see json.h
 */
#include "file/json.h"

#include "sys/die.h"

void json_put(json_t *o, const char *key, json_t *v)
{
	if (json_object_set_new(o, key, v))
		die("%s: JSON cannot hold it: a text that is not UTF-8, or no finite number", key);
}

void json_add(json_t *array, json_t *v)
{
	if (json_array_append_new(array, v))
		die("JSON cannot hold it: a text that is not UTF-8, or no finite number");
}
