/* emu_device - the emulation's device: its memory is the host's, fresh memory is full of NaNs;
 * nothing waits for anything
 */
#include "cuda/cuda.h"

#include "sys/budget.h"
#include "sys/die.h"
#include "sys/setting.h"

#include <stdlib.h>

void *device_alloc(size_t bytes)
{
	void *p;

	if (posix_memalign(&p, 256, bytes ? bytes : 1))
		die("out of memory (%zu bytes): use a smaller %s", bytes, setting(SETTING_MEMORY));
	memset(p, EMU_NAN, bytes);
	return p;
}

void device_free(void *p)
{
	free(p);
}

/* Of exactly the bytes asked for, and full of NaNs each time. */
void *device_scratch(int slot, size_t bytes)
{
	static struct {
		void *p;
		size_t bytes;
	} have[SCRATCH_SLOTS];

	if (!have[slot].p || have[slot].bytes != bytes) {
		free(have[slot].p);
		have[slot].p = device_alloc(bytes);
		have[slot].bytes = bytes;
	}
	memset(have[slot].p, EMU_NAN, bytes);
	return have[slot].p;
}

void device_put(void *to, const void *host, size_t bytes)
{
	memcpy(to, host, bytes);
}

void device_get(void *host, const void *from, size_t bytes)
{
	memcpy(host, from, bytes);
}

void device_zero(void *to, size_t bytes)
{
	memset(to, 0, bytes);
}

void device_copy(void *to, const void *from, size_t bytes)
{
	memcpy(to, from, bytes);
}

void device_copy_rows(void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width,
	size_t rows)
{
	for (size_t i = 0; i < rows; i++)
		memcpy((char *)to + i * to_pitch, (const char *)from + i * from_pitch, width);
}

void device_put_rows(void *to, size_t to_pitch, const void *host, size_t host_pitch, size_t width,
	size_t rows)
{
	device_copy_rows(to, to_pitch, host, host_pitch, width, rows);
}

void device_get_rows(void *host, size_t host_pitch, const void *from, size_t from_pitch,
	size_t width, size_t rows)
{
	device_copy_rows(host, host_pitch, from, from_pitch, width, rows);
}

void device_sync(void)
{
}

/* Sent at once: all memory is the host's. */
struct staged *device_stage(size_t bytes)
{
	return (struct staged *)device_alloc(bytes);
}

void *device_staged(struct staged *s)
{
	return s;
}

void device_send(void *to, size_t pitch, struct staged *s, size_t width, size_t rows)
{
	device_copy_rows(to, pitch, s, width, width, rows);
	device_free(s);
}

void device_send_after(void)
{
}

void device_sent_before(void)
{
}

int device_apart(void)
{
	return 0;
}

size_t device_free_bytes(void)
{
	return memory_budget();
}

size_t device_used_bytes(void)
{
	return 0;
}

double device_peak(int bf16)
{
	(void)bf16;
	return 0;
}

const char *device_absent(void)
{
	return NULL;
}

void device_init(void)
{
}

const char *device_name(void)
{
	return "cuda_emu";
}

int device_processors(void)
{
	return 4;
}
