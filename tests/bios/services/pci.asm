; INT 1Ah AH=B1h: the services of the PCI BIOS, where there is a PCI bus.

pci_tests:
        cmp byte [cpu_class], 3
        jae .newer
        mov ax, 0xb101
        int 0x1a
        claim c, "an AT has no PCI BIOS"
        ret
        cpu 386
.newer:
        mov eax, 0x80000000
        mov dx, 0xcf8
        out dx, eax
        in eax, dx
        mov esi, eax
        mov ax, 0xb101
        int 0x1a
        jnc .installed
        cmp esi, 0x80000000
        claim ne, "a PCI bus has a PCI BIOS"
        ret
.installed:
        cmp esi, 0x80000000
        claim e, "a PCI BIOS has a PCI bus"
        claim_byte ah, 0, "the installation check succeeds"
        cmp edx, 'PCI '
        claim e, "the installation check signs"
        claim_equal bx, 0x0210, "version 2.1"
        claim_byte cl, 0, "one bus"

        mov ax, 0xb102
        mov cx, 0x7010
        mov dx, 0x8086
        mov si, 0
        mov edi, 0x12345678
        int 0x1a
        claim nc, "a device is found by its name"
        claim_byte ah, 0, "and the search says so"
        claim_equal bx, 0x0009, "where it is"
        claim_equal cx, 0x7010, "the search keeps CX"
        cmp edi, 0x12345678
        claim e, "the search keeps EDI"
        mov si, 1
        mov ax, 0xb102
        int 0x1a
        claim c, "there is no second one"
        claim_byte ah, 0x86, "the error: not found"
        mov dx, 0xffff
        mov ax, 0xb102
        int 0x1a
        claim_byte ah, 0x83, "the error: no such vendor"

        mov ax, 0xb103
        mov ecx, 0x060100
        mov si, 0
        int 0x1a
        claim nc, "a device is found by its class"
        claim_equal bx, 0x0008, "the ISA bridge is where it is"
        mov ax, 0xb103
        mov ecx, 0x060000
        mov si, 1
        int 0x1a
        claim_byte ah, 0x86, "there is one host bridge"

        mov bx, 0x0009
        mov di, 0
        mov ecx, 0
        mov ax, 0xb10a
        int 0x1a
        claim nc, "a double word is read"
        cmp ecx, 0x70108086
        claim e, "the double word"
        mov ecx, 0xaaaaaaaa
        mov di, 2
        mov ax, 0xb109
        int 0x1a
        cmp ecx, 0xaaaa7010
        claim e, "a word is read"
        mov di, 1
        mov ax, 0xb108
        int 0x1a
        cmp ecx, 0xaaaa7080
        claim e, "a byte is read"
        mov ax, 0xb109
        int 0x1a
        claim c, "a word at an odd register is refused"
        claim_byte ah, 0x87, "the error: bad register"
        mov di, 2
        mov ax, 0xb10a
        int 0x1a
        claim_byte ah, 0x87, "a double word must be aligned"
        mov di, 0x100
        mov ax, 0xb108
        int 0x1a
        claim_byte ah, 0x87, "there are 256 registers"

        mov bx, 0x0009
        mov di, 0x0d                    ; the latency timer
        mov cl, 0x40
        mov ax, 0xb10b
        int 0x1a
        claim nc, "a byte is written"
        mov cl, 0
        mov ax, 0xb108
        int 0x1a
        claim_byte cl, 0x40, "the byte that was written"
        mov di, 0x42
        mov cx, 0x8123
        mov ax, 0xb10c
        int 0x1a
        mov di, 0x40
        mov ax, 0xb10a
        int 0x1a
        cmp ecx, 0x81238000
        claim e, "a word is written"
        mov ecx, 0x80008000
        mov ax, 0xb10d
        int 0x1a
        mov ecx, 0
        mov ax, 0xb10a
        int 0x1a
        cmp ecx, 0x80008000
        claim e, "a double word is written"
        mov ax, 0xb1ff
        int 0x1a
        claim c, "an unknown function fails"
        claim_byte ah, 0x81, "the error: no such function"

        mov di, 0x20
        mov ax, 0xb10a
        int 0x1a
        and cx, 0xfff0
        claim nz, "the IDE function has its ports"
        mov bx, 0x000b
        mov di, 0x40
        mov ax, 0xb109
        int 0x1a
        claim_equal cx, 0xb001, "power management has its ports"
        ret
        cpu 8086
