/* sniff - see sniff.h
 */
#include "file/sniff.h"

#include "sys/io.h"

#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* read: input.h undoes it, so that where it has been, a packing lies within another. */
static const struct {
	const char *magic;
	size_t n, at;
	const char *is;
	int read;
} known[] = {
	{ "version https://git-lfs", 23, 0,
		"is a Git LFS pointer, not the file itself: get that by git lfs pull, or by hf "
		"download" },
	{ "version https://hawser", 22, 0,
		"is a Git LFS pointer, not the file itself: get that by git lfs pull, or by hf "
		"download" },
	{ "PAR1", 4, 0, "is a Parquet file: make JSON lines of it (coppice(7) says how)" },
	{ "ARROW1", 6, 0,
		"is an Arrow or Feather file: make JSON lines of it (coppice(7) says how)" },
	{ "\xff\xff\xff\xff", 4, 0,
		"is a stream of Arrow: make JSON lines of it (coppice(7) says how)" },
	{ "\xff\xfe\0\0", 4, 0, "is text in UTF-32: iconv -f UTF-32 -t UTF-8 makes UTF-8 of it" },
	{ "\0\0\xfe\xff", 4, 0, "is text in UTF-32: iconv -f UTF-32 -t UTF-8 makes UTF-8 of it" },
	{ "\xff\xfe", 2, 0, "is text in UTF-16: iconv -f UTF-16 -t UTF-8 makes UTF-8 of it" },
	{ "\xfe\xff", 2, 0, "is text in UTF-16: iconv -f UTF-16 -t UTF-8 makes UTF-8 of it" },
	{ "\x1f\x8b", 2, 0, "is packed by gzip: unpack it with gzip -d", 1 },
	{ "\x28\xb5\x2f\xfd", 4, 0, "is packed by zstd: unpack it with zstd -d", 1 },
	{ "\xfd"
	  "7zXZ",
		6, 0, "is packed by xz: unpack it with xz -d", 1 },
	{ "BZh", 3, 0, "is packed by bzip2: unpack it with bzip2 -d", 1 },
	{ "LZIP", 4, 0, "is packed by lzip: unpack it with lzip -d", 1 },
	{ "\x04\x22\x4d\x18", 4, 0, "is packed by lz4: unpack it with lz4 -d", 1 },
	{ "\x1f\x9d", 2, 0, "is packed by compress: unpack it with uncompress" },
	{ "7z\xbc\xaf\x27\x1c", 6, 0, "is a 7z archive: unpack it with 7z x" },
	{ "Rar!\x1a", 5, 0, "is a RAR archive: unpack it with unrar x" },
	{ "PK\x05\x06", 4, 0, "is an empty zip archive" },
	{ "\x80\x02}", 3, 0,
		"is a pickle of Python (PyTorch's older form), which can run code when it is read: "
		"convert it to safetensors" },
	{ "\x80\x02\x8a\x0al\xfc\x9c", 7, 0,
		"is a pickle of PyTorch, which can run code when it is read: convert it to "
		"safetensors" },
	{ "\x80\x03", 2, 0,
		"is a pickle of Python, which can run code when it is read: convert it" },
	{ "\x80\x04\x95", 3, 0,
		"is a pickle of Python, which can run code when it is read: convert it" },
	{ "\x80\x05\x95", 3, 0,
		"is a pickle of Python, which can run code when it is read: convert it" },
	{ "\x93NUMPY", 6, 0, "is an array of NumPy" },
	{ "\x89HDF\r\n\x1a\n", 8, 0,
		"is an HDF5 file (Keras, TensorFlow): convert it to safetensors" },
	{ "%PDF-", 5, 0, "is a PDF document" },
	{ "SQLite format 3", 16, 0, "is an SQLite database" },
	{ "GGUF", 4, 0, "is a GGUF file" },
	{ "ggml", 4, 0, "is a GGML file, which came before GGUF: convert the model anew" },
	{ "lmgg", 4, 0, "is a GGML file, which came before GGUF: convert the model anew" },
	{ "tjgg", 4, 0, "is a GGML file, which came before GGUF: convert the model anew" },
	{ "fmgg", 4, 0, "is a GGML file, which came before GGUF: convert the model anew" },
	{ "\x08\x03\x12", 3, 0,
		"seems to be an ONNX model: the weights are wanted as safetensors or GGUF" },
	{ "\x7f"
	  "ELF",
		4, 0, "is a program" },
	{ "\x89PNG", 4, 0, "is a picture" },
	{ "ustar", 5, 257, "is a tar archive: unpack it with tar xf" },
};

/* PyTorch's files since 2020 are zip archives of a pickle and its arrays; NumPy's npz are some,
 * too. */
static const char *of_zip(const char *s, size_t n)
{
	return memmem(s, n, "data.pkl", 8) || memmem(s, n, "/byteorder", 10) ||
			memmem(s, n, ".format_version", 15)
		? "is a checkpoint of PyTorch (a zip of pickles), which can run code when it is "
		  "read: convert it to safetensors"
		: memmem(s, n, ".npy", 4) ? "is an archive of NumPy arrays (npz)"
					  : "is a zip archive: unpack it with unzip";
}

/* What begins with < is neither JSON nor anything binary. */
static const char *of_markup(const char *s, size_t n)
{
	if (n < 2 || s[0] != '<' || !(s[1] == '!' || s[1] == '?' || (s[1] | 32) >= 'a') ||
		(s[1] | 32) > 'z')
		return NULL;
	return strncasecmp(s, "<!", 2) && strncasecmp(s, "<html", n < 5 ? n : 5) &&
			strncasecmp(s, "<head", n < 5 ? n : 5)
		? "is XML, perhaps a server's answer in place of the file: fetch it again"
		: "is a web page, perhaps a login or an error in place of the file: fetch it again";
}

/* Two letters in so many bytes each, whatever comes behind them. */
static int is_wide(const char *s, size_t n, size_t bytes, size_t letter_at)
{
	for (size_t i = 0; i < 2 * bytes; i++)
		if (n < 2 * bytes ||
			(i % bytes == letter_at ? s[i] < '\t' || s[i] > '~' : s[i] != 0))
			return 0;
	return 1;
}

static const char *of_wide_text(const char *s, size_t n)
{
	if (is_wide(s, n, 4, 0) || is_wide(s, n, 4, 3))
		return "seems to be text in UTF-32: iconv -f UTF-32LE -t UTF-8 (or UTF-32BE) makes "
		       "UTF-8 of it";
	return is_wide(s, n, 2, 0) || is_wide(s, n, 2, 1)
		? "seems to be text in UTF-16: iconv -f UTF-16LE -t UTF-8 (or UTF-16BE) makes "
		  "UTF-8 of it"
		: NULL;
}

static const char *of_text(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] < ' ' ? !strchr("\t\n\r\f", s[i]) || !s[i] : s[i] == 0x7f)
			return NULL;
	return *s == '{' || *s == '['
		? "is JSON"
		: "is text, perhaps a server's message in place of the file: look into it";
}

static int is_nothing(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i])
			return 0;
	return n >= 16;
}

const char *sniff_as(const void *bytes, size_t n, int how)
{
	const char *s = bytes, *is;
	size_t skip = n >= 3 && !memcmp(s, "\xef\xbb\xbf", 3) ? 3 : 0;

	n = n < SNIFF_BYTES ? n : SNIFF_BYTES;
	if (!n)
		return "is empty";
	if (is_nothing(s, n))
		return "begins with nothing but zeros: a download or a copy that was never "
		       "finished";
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (n >= known[i].at + known[i].n &&
			!memcmp(s + known[i].at, known[i].magic, known[i].n))
			return known[i].read && how & SNIFF_UNPACKED
				? "is packed twice, one packing within another: unpack it once"
				: known[i].is;
	if (n >= 4 && !memcmp(s, "PK\x03\x04", 4))
		return of_zip(s, n);
	for (; skip < n && strchr(" \t\r\n", s[skip]) && s[skip]; skip++)
		;
	if ((is = of_markup(s + skip, n - skip)) || (is = of_wide_text(s, n)))
		return is;
	return how & SNIFF_BINARY ? of_text(s, n) : NULL;
}

const char *sniff(const void *bytes, size_t n)
{
	return sniff_as(bytes, n, 0);
}

const char *sniff_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char head[SNIFF_BYTES];
	long n = fd < 0 ? -1 : io_read(fd, head, sizeof head);

	if (fd >= 0)
		close(fd);
	return n < 0 ? NULL : sniff_as(head, (size_t)n, SNIFF_BINARY);
}
