/* sniff - see sniff.h
 */
#include "sniff.h"

#include "cli.h"

#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static const struct { const char *magic; size_t n, at; const char *is; } known[] = {
	{ "version https://git-lfs", 23, 0, "is a Git LFS pointer, not the file itself: get that by git lfs pull, or by hf download" },
	{ "version https://hawser", 22, 0, "is a Git LFS pointer, not the file itself: get that by git lfs pull, or by hf download" },
	{ "PAR1", 4, 0, "is a Parquet file: make JSON lines of it (coppice(7) says how)" },
	{ "ARROW1", 6, 0, "is an Arrow or Feather file: make JSON lines of it (coppice(7) says how)" },
	{ "\xff\xff\xff\xff", 4, 0, "is a stream of Arrow: make JSON lines of it (coppice(7) says how)" },
	{ "\xff\xfe\0\0", 4, 0, "is text in UTF-32: iconv -f UTF-32 -t UTF-8 makes UTF-8 of it" },
	{ "\0\0\xfe\xff", 4, 0, "is text in UTF-32: iconv -f UTF-32 -t UTF-8 makes UTF-8 of it" },
	{ "\xff\xfe", 2, 0, "is text in UTF-16: iconv -f UTF-16 -t UTF-8 makes UTF-8 of it" },
	{ "\xfe\xff", 2, 0, "is text in UTF-16: iconv -f UTF-16 -t UTF-8 makes UTF-8 of it" },
	{ "\x1f\x8b", 2, 0, "is packed by gzip: unpack it with gzip -d" },
	{ "\x28\xb5\x2f\xfd", 4, 0, "is packed by zstd: unpack it with zstd -d" },
	{ "\xfd" "7zXZ", 6, 0, "is packed by xz: unpack it with xz -d" },
	{ "BZh", 3, 0, "is packed by bzip2: unpack it with bzip2 -d" },
	{ "LZIP", 4, 0, "is packed by lzip: unpack it with lzip -d" },
	{ "\x04\x22\x4d\x18", 4, 0, "is packed by lz4: unpack it with lz4 -d" },
	{ "\x1f\x9d", 2, 0, "is packed by compress: unpack it with uncompress" },
	{ "7z\xbc\xaf\x27\x1c", 6, 0, "is a 7z archive: unpack it with 7z x" },
	{ "Rar!\x1a", 5, 0, "is a RAR archive: unpack it with unrar x" },
	{ "PK\x05\x06", 4, 0, "is an empty zip archive" },
	{ "\x80\x02}", 3, 0, "is a pickle of Python (PyTorch's older form), which can run code when it is read: convert it to safetensors" },
	{ "\x80\x02\x8a\x0al\xfc\x9c", 7, 0, "is a pickle of PyTorch, which can run code when it is read: convert it to safetensors" },
	{ "\x80\x03", 2, 0, "is a pickle of Python, which can run code when it is read: convert it" },
	{ "\x80\x04\x95", 3, 0, "is a pickle of Python, which can run code when it is read: convert it" },
	{ "\x80\x05\x95", 3, 0, "is a pickle of Python, which can run code when it is read: convert it" },
	{ "\x93NUMPY", 6, 0, "is an array of NumPy" },
	{ "\x89HDF\r\n\x1a\n", 8, 0, "is an HDF5 file (Keras, TensorFlow): convert it to safetensors" },
	{ "%PDF-", 5, 0, "is a PDF document" },
	{ "SQLite format 3", 16, 0, "is an SQLite database" },
	{ "GGUF", 4, 0, "is a GGUF file" },
	{ "ggml", 4, 0, "is a GGML file, which came before GGUF: convert the model anew" },
	{ "lmgg", 4, 0, "is a GGML file, which came before GGUF: convert the model anew" },
	{ "tjgg", 4, 0, "is a GGML file, which came before GGUF: convert the model anew" },
	{ "fmgg", 4, 0, "is a GGML file, which came before GGUF: convert the model anew" },
	{ "\x08\x03\x12", 3, 0, "seems to be an ONNX model: the weights are wanted as safetensors or GGUF" },
	{ "\x7f" "ELF", 4, 0, "is a program" },
	{ "\x89PNG", 4, 0, "is a picture" },
	{ "ustar", 5, 257, "is a tar archive: unpack it with tar xf" },
	{ "<?xml", 5, 0, "is XML, perhaps a server's answer in place of the file: fetch it again" },
};

/* PyTorch's files since 2020 are zip archives of a pickle and its arrays; NumPy's npz are some, too. */
static const char *of_zip(const char *s, size_t n)
{
	return memmem(s, n, "data.pkl", 8) || memmem(s, n, "/byteorder", 10) || memmem(s, n, ".format_version", 15) ?
		"is a checkpoint of PyTorch (a zip of pickles), which can run code when it is read: convert it to safetensors" :
		memmem(s, n, ".npy", 4) ? "is an archive of NumPy arrays (npz)" : "is a zip archive: unpack it with unzip";
}

static int is_web_page(const char *s, size_t n)
{
	return (n >= 14 && !strncasecmp(s, "<!doctype html", 14)) || (n >= 5 && !strncasecmp(s, "<html", 5)) ||
		(n >= 5 && !strncasecmp(s, "<head", 5));
}

/* Text whose every second byte is zero, and no other. */
static const char *of_wide_text(const char *s, size_t n)
{
	size_t zeros[2] = { 0, 0 };

	n = n < 64 ? n / 2 : 32;
	for (size_t i = 0; i < 2 * n; i++)
		zeros[i % 2] += !s[i];
	return n >= 4 && ((zeros[0] == n && !zeros[1]) || (zeros[1] == n && !zeros[0])) ?
		"seems to be text in UTF-16: iconv -f UTF-16LE -t UTF-8 (or UTF-16BE) makes UTF-8 of it" : NULL;
}

static int is_nothing(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i])
			return 0;
	return n >= 16;
}

const char *sniff(const void *bytes, size_t n)
{
	const char *s = bytes;
	size_t skip = n >= 3 && !memcmp(s, "\xef\xbb\xbf", 3) ? 3 : 0;

	n = n < SNIFF_BYTES ? n : SNIFF_BYTES;
	if (!n)
		return "is empty";
	if (is_nothing(s, n))
		return "begins with nothing but zeros: a download or a copy that was never finished";
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (n >= known[i].at + known[i].n && !memcmp(s + known[i].at, known[i].magic, known[i].n))
			return known[i].is;
	if (n >= 4 && !memcmp(s, "PK\x03\x04", 4))
		return of_zip(s, n);
	for (; skip < n && strchr(" \t\r\n", s[skip]) && s[skip]; skip++)
		;
	if (is_web_page(s + skip, n - skip))
		return "is a web page, perhaps a login or an error in place of the file: fetch it again";
	return of_wide_text(s, n);
}

const char *sniff_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char head[SNIFF_BYTES];
	long n = fd < 0 ? -1 : steady_read(fd, head, sizeof head);

	if (fd >= 0)
		close(fd);
	return n < 0 ? NULL : sniff(head, (size_t)n);
}
