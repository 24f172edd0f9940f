/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands in bin/ and libexec/assay/ of the portable archive, once for each program. It maps the program, which lies
 * in lib/programs/ under the same name, and the archive's own dynamic loader, tells the loader where the program is, and
 * jumps to it, as the kernel does for a program whose loader has a fixed path. The folder may therefore lie anywhere;
 * nothing is executed anew; /proc/self/exe, arguments, environment and process name stay as they are.
 *
 * Neither libc nor start files, and no relocation: there is nobody yet who would apply one. DEPTH: folders between this
 * file and the archive's root. */
#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#ifndef __x86_64__
#error "x86-64 alone"
#endif

#define PATH_SIZE 4096
#define PAGE      4096u
#define HEADERS   32 /* of a program; the linker makes about 14 */
#define FAILED    70 /* our fault, never a verdict */

struct image {
	uintptr_t bias, entry, headers;
	size_t    count; /* of headers */
};

static long call(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8")   = e;
	register long r9 __asm__("r9")   = f;
	long          result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

static size_t length(const char *s)
{
	size_t n = 0;

	while (s[n] != '\0')
		n++;
	return n;
}

static void say(const char *s)
{
	call(SYS_write, 2, (long)s, (long)length(s), 0, 0, 0);
}

static _Noreturn void die(const char *what, const char *why)
{
	say("assay: ");
	say(what);
	say(": ");
	say(why);
	say("\n");
	for (;;)
		call(SYS_exit_group, FAILED, 0, 0, 0, 0, 0);
}

static void *map(uintptr_t at, size_t n, int prot, int flags, int fd, uint64_t offset)
{
	long p = call(SYS_mmap, (long)at, (long)n, prot, MAP_PRIVATE | flags, fd, (long)offset);

	return p < 0 && p > -(long)PAGE ? NULL : (void *)p;
}

static bool read_at(int fd, void *to, size_t n, uint64_t offset)
{
	return call(SYS_pread64, fd, (long)to, (long)n, (long)offset, 0, 0) == (long)n;
}

static uintptr_t page_down(uintptr_t n)
{
	return n & ~(uintptr_t)(PAGE - 1);
}

static uintptr_t page_up(uintptr_t n)
{
	return page_down(n + PAGE - 1);
}

/* A segment: pages of the file, then zeros up to its size in memory. */
static bool map_segment(const struct image *m, const Elf64_Phdr *h, int fd)
{
	uintptr_t first = m->bias + h->p_vaddr, filled = first + h->p_filesz;
	uintptr_t start = page_down(first), end = page_up(filled),
		  all = page_up(first + h->p_memsz);
	int prot = (h->p_flags & PF_R ? PROT_READ : 0) | (h->p_flags & PF_W ? PROT_WRITE : 0) |
		(h->p_flags & PF_X ? PROT_EXEC : 0);

	if (h->p_filesz > 0 &&
		map(start, end - start, prot, MAP_FIXED, fd, page_down(h->p_offset)) == NULL)
		return false;
	if (h->p_memsz == h->p_filesz)
		return true;
	if (h->p_filesz == 0)
		end = start;
	else
		for (volatile char *p = (volatile char *)filled; (uintptr_t)p < end; p++)
			*p = 0;
	return all == end ||
		map(end, all - end, prot, MAP_FIXED | MAP_ANONYMOUS, -1, 0) != NULL;
}

/* The file is as trusted as this one, which lies beside it; these checks tell a broken archive, not an attack. */
static bool usable(const Elf64_Ehdr *e)
{
	return e->e_ident[EI_MAG0] == ELFMAG0 && e->e_ident[EI_MAG1] == ELFMAG1 &&
		e->e_ident[EI_MAG2] == ELFMAG2 && e->e_ident[EI_MAG3] == ELFMAG3 &&
		e->e_ident[EI_CLASS] == ELFCLASS64 && e->e_machine == EM_X86_64 &&
		e->e_type == ET_DYN && e->e_phentsize == sizeof(Elf64_Phdr) && e->e_phnum > 0 &&
		e->e_phnum <= HEADERS;
}

static bool usable_segment(const Elf64_Phdr *h)
{
	return h->p_memsz >= h->p_filesz && h->p_align <= PAGE &&
		h->p_vaddr % PAGE == h->p_offset % PAGE &&
		(h->p_memsz == h->p_filesz || (h->p_flags & PF_W) != 0);
}

static void load(const char *path, struct image *m)
{
	Elf64_Ehdr e;
	Elf64_Phdr h[HEADERS];
	uintptr_t  low = UINTPTR_MAX, high = 0;
	void      *room;
	int fd = (int)call(SYS_openat, AT_FDCWD, (long)path, O_RDONLY | O_CLOEXEC, 0, 0, 0);

	if (fd < 0)
		die(path, "cannot be opened; unpack the archive anew");
	if (!read_at(fd, &e, sizeof(e), 0) || !usable(&e) ||
		!read_at(fd, h, sizeof(h[0]) * e.e_phnum, e.e_phoff))
		die(path, "not a program of this archive");
	for (size_t i = 0; i < e.e_phnum; i++) {
		if (h[i].p_type != PT_LOAD)
			continue;
		if (!usable_segment(&h[i]))
			die(path, "not a program of this archive");
		low  = h[i].p_vaddr < low ? h[i].p_vaddr : low;
		high = h[i].p_vaddr + h[i].p_memsz > high ? h[i].p_vaddr + h[i].p_memsz : high;
	}
	if (high <= low)
		die(path, "not a program of this archive");
	low  = page_down(low);
	room = map(0, page_up(high) - low, PROT_NONE, MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (room == NULL)
		die(path, "no room in memory");
	*m       = (struct image){ .bias = (uintptr_t)room - low, .count = e.e_phnum };
	m->entry = m->bias + e.e_entry;
	for (size_t i = 0; i < e.e_phnum; i++) {
		if (h[i].p_type == PT_PHDR)
			m->headers = m->bias + h[i].p_vaddr;
		if (h[i].p_type == PT_LOAD && !map_segment(m, &h[i], fd))
			die(path, "cannot be mapped");
	}
	call(SYS_close, fd, 0, 0, 0, 0, 0);
}

static void join(char *path, size_t at, const char *tail, const char *name)
{
	size_t n = length(tail), k = length(name);

	if (at + n + k >= PATH_SIZE)
		die(name, "the path is too long");
	for (size_t i = 0; i < n; i++)
		path[at + i] = tail[i];
	for (size_t i = 0; i <= k; i++)
		path[at + n + i] = name[i];
}

/* What the kernel says of the program is what it says of this one; the loader has to hear of the other. */
static void tell(Elf64_auxv_t *aux, const struct image *program, const struct image *loader)
{
	for (; aux->a_type != AT_NULL; aux++)
		switch (aux->a_type) {
		case AT_PHDR:
			aux->a_un.a_val = program->headers;
			break;
		case AT_PHNUM:
			aux->a_un.a_val = program->count;
			break;
		case AT_ENTRY:
			aux->a_un.a_val = program->entry;
			break;
		case AT_BASE:
			aux->a_un.a_val = loader->bias;
			break;
		default:
			break;
		}
}

/* stack: argc, arguments, 0, environment, 0, auxiliary vector. Returns where to go on. */
__attribute__((used)) static uintptr_t launch(uintptr_t *stack)
{
	struct image program, loader;
	char         path[PATH_SIZE], name[PATH_SIZE];
	uintptr_t   *p = stack + 1 + stack[0] + 1;
	long         n = call(SYS_readlinkat, AT_FDCWD, (long)"/proc/self/exe", (long)path,
			PATH_SIZE - 1, 0, 0);

	if (n <= 0 || n >= PATH_SIZE - 1)
		die("/proc/self/exe", "cannot be read; is /proc mounted?");
	path[n] = '\0';
	for (int up = 0; up <= DEPTH; up++) {
		while (n > 0 && path[n - 1] != '/')
			n--;
		if (up == 0)
			join(name, 0, "", path + n);
		n -= n > 1;
	}
	join(path, (size_t)n, "/lib/programs/", name);
	load(path, &program);
	if (program.headers == 0)
		die(path, "not a program of this archive");
	join(path, (size_t)n, "/lib/", "ld-linux-x86-64.so.2");
	load(path, &loader);
	while (*p++ != 0) /* the environment */
		;
	tell((Elf64_auxv_t *)p, &program, &loader);
	return loader.entry;
}

/* The loader finds the stack as the kernel made it, and in rdx no function to call at the end. */
__asm__(".globl _start\n"
	"_start:\n"
	"	xor %ebp, %ebp\n"
	"	mov %rsp, %rbx\n"
	"	mov %rsp, %rdi\n"
	"	and $-16, %rsp\n"
	"	call launch\n"
	"	mov %rbx, %rsp\n"
	"	xor %edx, %edx\n"
	"	xor %ebx, %ebx\n"
	"	jmp *%rax\n");
