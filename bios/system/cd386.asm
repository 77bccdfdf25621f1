; Booting from CDs: the El Torito Bootable CD-ROM Format Specification 1.0, from the first ATAPI drive, by packets and
; programmed I/O. A CD without emulation is drive E0h, of 2048-byte sectors (INT 13h AH=42h); one that carries a floppy or a
; hard disk is drive 00h or 80h and stands before the machine's own of that number.
        cpu 386

cd_no_emulation equ 0
cd_hard_disk    equ 4
cd_drive_number equ 0xe0
cd_buffer       equ 0x0800              ; a segment, for a sector while booting

; Looks for an ATAPI drive where no disk was found.
init_cd:
        ds_ebda
        mov word [ebda.cd_port], 0
        mov byte [ebda.cd_active], 0
        cmp byte [ebda.cpu], cpu_386
        jb .done
        mov si, .places
.next:
        mov bx, [cs:si]
        mov al, [cs:si + 2]
        mov di, ebda.disk
.disk:
        cmp [di + disk.port], bx
        jne .other_disk
        cmp [di + disk.select], al
        je .no
.other_disk:
        add di, disk.bytes
        cmp di, ebda.disk + 4 * disk.bytes
        jb .disk
        lea dx, [bx + 6]
        out dx, al
        io_delay
        inc dx
        in al, dx
        test al, ata_busy               ; also what an empty bus reads as
        jnz .no
        mov al, 0xa1                    ; IDENTIFY PACKET DEVICE
        out dx, al
        call cd_wait
        jc .no
        and al, ata_drq | ata_err
        cmp al, ata_drq
        jne .no
        mov dx, bx
        mov cx, 256
.drain:
        in ax, dx
        loop .drain
        mov al, [cs:si + 2]
        mov [ebda.cd_port], bx
        mov [ebda.cd_select], al
.done:
        ret
.no:
        add si, 3
        cmp si, .places_end
        jb .next
        ret
.places:
        dw 0x1f0
        db 0xa0
        dw 0x1f0
        db 0xb0
        dw 0x170
        db 0xa0
        dw 0x170
        db 0xb0
.places_end:

; AL = status of the drive at BX once it is not busy; carry after some seconds.
cd_wait:
        push cx
        push dx
        push di
        lea dx, [bx + 7]
        xor di, di
.again:
        in al, dx
        test al, ata_busy
        jz .ready
        mov cx, 4
        call refresh_wait
        dec di
        jnz .again
        stc
        jmp .end
.ready:
        clc
.end:
        pop di
        pop dx
        pop cx
        ret

; Of the CD's sector EAX skips SI words and gives CX words to ES:DI. DS = the extended data area. Carry: it cannot be read.
cd_sector:
        pushad
        mov [ebda.cd_lba], eax
        mov [ebda.cd_skip], si
        mov [ebda.cd_take], cx
        mov byte [ebda.cd_tries], 4     ; a drive tells a change of discs by refusing once
        mov bx, [ebda.cd_port]
        mov al, [ebda.cd_select]
        lea dx, [bx + 6]
        out dx, al
        io_delay
.try:
        call cd_wait
        jc .failed
        lea dx, [bx + 1]
        mov al, 0                       ; no DMA
        out dx, al
        lea dx, [bx + 4]
        out dx, al                      ; blocks of 2048 bytes
        inc dx
        mov al, 0x08
        out dx, al
        lea dx, [bx + 7]
        mov al, 0xa0
        out dx, al
        call cd_wait
        jc .failed
        test al, ata_drq
        jz .failed
        mov dx, bx
        mov ax, 0x0028                  ; READ (10)
        out dx, ax
        mov ax, [ebda.cd_lba + 2]
        xchg al, ah
        out dx, ax
        mov ax, [ebda.cd_lba]
        xchg al, ah
        out dx, ax
        xor ax, ax
        out dx, ax
        inc ax                          ; one sector
        out dx, ax
        dec ax
        out dx, ax
        call cd_wait
        jc .failed
        test al, ata_err
        jnz .refused
        test al, ata_drq
        jz .refused
        mov dx, bx
        mov cx, [ebda.cd_skip]
        call .drain
        mov cx, [ebda.cd_take]
        rep insw
        mov cx, 1024
        sub cx, [ebda.cd_skip]
        sub cx, [ebda.cd_take]
        call .drain
        call cd_wait
        jc .failed
        test al, ata_err
        jnz .failed
        popad
        clc
        ret
.refused:
        dec byte [ebda.cd_tries]
        jnz .try
.failed:
        popad
        stc
        ret
.drain:
        jcxz .drained
.word:
        in ax, dx
        loop .word
.drained:
        ret

; Gives CX blocks of 512 bytes, from block EAX of the image that was booted, to ES:DI. Carry: it cannot.
cd_blocks:
        pushad
        push es
.next:
        jcxz .done
        mov dx, cx
        mov bx, ax
        and bx, 3                       ; blocks of the sector to skip
        mov cx, 4
        sub cx, bx
        cmp cx, dx
        jbe .part
        mov cx, dx
.part:
        push eax
        push cx
        shr eax, 2
        add eax, [ebda.cd_image]
        mov si, bx
        shl si, 8                       ; words
        shl cx, 8
        call cd_sector
        pop cx
        pop eax
        jc .end
        movzx ebx, cx
        add eax, ebx
        shl bx, 5                       ; ES moves on, so that DI never wraps
        push ax
        mov ax, es
        add ax, bx
        mov es, ax
        pop ax
        sub dx, cx
        mov cx, dx
        jmp .next
.done:
        clc
.end:
        pop es
        popad
        ret

; Boots; comes back with AH = what is wrong.
cd_boot:
        ds_ebda
        mov byte [ebda.cd_active], 0
        mov ah, boot_absent
        cmp word [ebda.cd_port], 0
        je .failed
        mov ax, cd_buffer
        mov es, ax
        mov eax, 17                     ; the boot record
        call .sector
        jc .unreadable
        push ds
        push cs
        pop ds
        mov si, .signature
        xor di, di
        mov cx, .signature_end - .signature
        repe cmpsb
        pop ds
        mov ah, boot_empty
        jne .failed
        mov eax, [es:0x47]              ; the catalogue
        call .sector
        jc .unreadable
        mov ah, boot_empty
        cmp word [es:0], 0x0001         ; validation, for a PC
        jne .failed
        cmp word [es:0x1e], 0xaa55
        jne .failed
        cmp byte [es:0x20], 0x88        ; the initial entry can be booted
        jne .failed
        mov al, [es:0x21]
        and al, 0x0f
        mov [ebda.cd_media], al
        mov ah, boot_empty
        cmp al, cd_hard_disk
        ja .failed
        mov dl, cd_drive_number
        jb .not_disk
        mov dl, 0x80
        jmp .drive
.not_disk:
        cmp al, cd_no_emulation
        je .drive
        mov dl, 0x00
.drive:
        mov [ebda.cd_drive], dl
        mov eax, [es:0x28]
        mov [ebda.cd_image], eax
        mov cx, [es:0x26]
        test cx, cx
        jnz .counted
        inc cx
.counted:
        mov [ebda.cd_count], cx
        mov bx, [es:0x22]
        test bx, bx
        jnz .placed
        mov bx, 0x07c0
.placed:
        mov [ebda.cd_segment], bx
        call .geometry
        jc .unreadable
        mov cx, [ebda.cd_count]
        mov es, [ebda.cd_segment]
        xor eax, eax
        xor di, di
        call cd_blocks
        jc .unreadable
        mov byte [ebda.cd_active], 1
        mov si, .title
        call print
        ds_ebda
        mov dl, [ebda.cd_drive]
        mov dh, 0
        mov ax, [ebda.cd_segment]       ; 07C0:0000 is entered as 0000:7C00, which loaders for disks expect
        mov bx, ax
        and ax, 0xf000
        shl bx, 4
        push ax
        push bx
        xor ax, ax
        mov bx, ax
        mov cx, ax
        mov si, ax
        mov di, ax
        mov bp, ax
        mov ds, ax
        mov es, ax
        retf
.unreadable:
        mov ah, disk_timeout
.failed:
        ret
.sector:
        xor si, si
        xor di, di
        mov cx, 1024
        jmp cd_sector

; How the emulated disk is divided: cylinders - 1, heads - 1, sectors.
.geometry:
        mov bl, [ebda.cd_media]
        cmp bl, cd_hard_disk
        je .disk_geometry
        mov bh, 0
        mov al, [cs:bx + .floppy_sectors]
        mov [ebda.cd_sectors], al
        mov byte [ebda.cd_heads], 1
        mov word [ebda.cd_cylinders], 79
        clc
        ret
.disk_geometry:                         ; the first partition ends at the end of the disk
        xor eax, eax
        xor di, di
        mov cx, 1
        call cd_blocks
        jc .no_geometry
        mov al, [es:0x1c3]
        mov [ebda.cd_heads], al
        mov ax, [es:0x1c4]
        mov cl, al
        and cl, 0x3f
        mov [ebda.cd_sectors], cl
        xchg al, ah
        shr ah, 6
        mov [ebda.cd_cylinders], ax
        clc
.no_geometry:
        ret
.floppy_sectors:
        db 0, 15, 18, 36
.signature:
        db 0, "CD001", 1, "EL TORITO SPECIFICATION"
.signature_end:
.title: db "Booting from CD-ROM", 13, 10, 13, 10, 0

; INT 13h while a CD that was booted is there. What is not the CD's goes on.
cd_int13:
        push ds
        ds_ebda
        cmp dl, [ebda.cd_drive]
        je .ours
        cmp ah, 0x4b
        jne .not_ours
        cmp dl, 0x7f                    ; all emulations
        je .ours
.not_ours:
        pop ds
        jmp int13.native
.ours:
        pop ds
        service_entry
        sti
        ds_ebda
        pushad
        and byte [caller_flags], ~carry_flag
        mov byte [caller_ah], 0
        cmp ah, 0x4b
        je .status
        cmp byte [ebda.cd_media], cd_no_emulation
        je .plain
        cmp ah, 0x02
        je .read
        cmp ah, 0x08
        je .parameters
        cmp ah, 0x15
        je .type
        mov al, ah
        mov ah, disk_write_protected
        cmp al, 0x03
        je .error
        cmp al, 0x05
        je .error
        cmp al, 0x16
        jbe .exit                       ; reset, verify, seek and the like
.bad:
        mov ah, disk_bad_command
.error:
        mov [caller_ah], ah
        or byte [caller_flags], carry_flag
.exit:
        popad
        service_exit

; AH=02h: AL sectors from CX, DH to ES:BX.
.read:
        mov es, [caller_es]
        mov al, [caller_al]
        test al, al
        jz .bad
        movzx eax, byte [caller_cl]
        shr al, 6
        mov ah, al
        mov al, [caller_ch]
        movzx ecx, byte [ebda.cd_heads]
        inc cx
        mul ecx
        movzx edx, byte [caller_dh]
        add eax, edx
        movzx ecx, byte [ebda.cd_sectors]
        mul ecx
        movzx edx, byte [caller_cl]
        and dl, 0x3f
        jz .bad
        add eax, edx
        dec eax
        movzx cx, byte [caller_al]
        mov di, [caller_bx]
        call cd_blocks
        mov ah, disk_not_ready
        jc .error
        jmp .exit
.parameters:
        mov al, [ebda.cd_sectors]
        mov bx, [ebda.cd_cylinders]
        shl bh, 6
        or al, bh
        mov [caller_cl], al
        mov [caller_ch], bl
        mov al, [ebda.cd_heads]
        mov [caller_dh], al
        mov byte [caller_dl], 1
        mov bl, [ebda.cd_media]
        mov bh, 0
        mov al, [cs:bx + .floppy_types]
        mov [caller_bl], al
        jmp .exit
.floppy_types:
        db 0, 2, 4, 6, 0
.type:
        mov ah, 0x01                    ; a floppy whose changes are not seen
        cmp byte [ebda.cd_media], cd_hard_disk
        jb .is_type
        mov ah, 0x03
.is_type:
        mov [caller_ah], ah
        jmp .exit

; Without emulation: the extensions, in sectors of 2048 bytes.
.plain:
        cmp ah, 0x41
        je .extensions
        cmp ah, 0x42
        je .extended_read
        cmp ah, 0x48
        je .extended_parameters
        cmp ah, 0x44
        je .exit
        cmp ah, 0x47
        je .exit
        cmp ah, 0x00
        je .exit
        cmp ah, 0x01
        je .exit
        mov al, ah
        mov ah, disk_write_protected
        cmp al, 0x43
        je .error
        cmp al, 0x03
        je .error
        jmp .bad
.extensions:
        cmp word [caller_bx], 0x55aa
        jne .bad
        mov word [caller_bx], 0xaa55
        mov byte [caller_ah], 0x21
        mov word [caller_cx], 0x0005
        jmp .exit
.extended_read:                         ; DS:SI: size, 0, count, offset, segment, sector
        mov es, [caller_ds]
        mov si, [caller_si]
        cmp byte [es:si], 16
        jb .bad
        mov eax, [es:si + 8]
        mov di, [es:si + 4]
        mov bp, [es:si + 2]
        mov es, [es:si + 6]
        mov bx, 0
.sector:
        cmp bx, bp
        je .exit
        xor si, si
        mov cx, 1024
        call cd_sector
        jc .some_read
        inc eax
        inc bx
        mov cx, es
        add cx, 0x80
        mov es, cx
        jmp .sector
.some_read:
        mov [ebda.cd_skip], bx          ; how many it were
        popad
        mov ax, [ebda.cd_skip]
        mov es, [caller_ds]
        mov si, [caller_si]
        mov [es:si + 2], ax
        mov byte [caller_ah], disk_not_ready
        or byte [caller_flags], carry_flag
        service_exit
.extended_parameters:
        mov es, [caller_ds]
        mov di, [caller_si]
        cmp word [es:di], 26
        jb .bad
        mov word [es:di], 26
        mov word [es:di + 2], 0x0074    ; removable, lockable, no change line; no CHS
        xor eax, eax
        mov [es:di + 4], eax
        mov [es:di + 8], eax
        mov [es:di + 12], eax
        dec eax
        mov [es:di + 16], eax           ; how many sectors: unknown
        mov [es:di + 20], eax
        mov word [es:di + 24], 2048
        jmp .exit

; AH=4Bh: AL=0 ends the emulation, AL=1 only asks; both tell what it is at DS:SI.
.status:
        cmp byte [caller_al], 1
        ja .bad
        mov es, [caller_ds]
        mov di, [caller_si]
        mov byte [es:di], 0x13
        mov al, [ebda.cd_media]
        mov [es:di + 1], al
        mov al, [ebda.cd_drive]
        mov [es:di + 2], al
        mov byte [es:di + 3], 0
        mov eax, [ebda.cd_image]
        mov [es:di + 4], eax
        mov al, [ebda.cd_select]
        shr al, 4
        and ax, 1                       ; master or slave
        mov [es:di + 8], ax
        mov word [es:di + 10], 0
        mov ax, [ebda.cd_segment]
        mov [es:di + 12], ax
        mov ax, [ebda.cd_count]
        mov [es:di + 14], ax
        mov byte [es:di + 16], 0
        mov byte [es:di + 17], 0
        mov byte [es:di + 18], 0
        cmp byte [ebda.cd_media], cd_no_emulation
        je .told
        mov ax, [ebda.cd_cylinders]
        mov [es:di + 16], al
        shl ah, 6
        or ah, [ebda.cd_sectors]
        mov [es:di + 17], ah
        mov al, [ebda.cd_heads]
        mov [es:di + 18], al
.told:
        cmp byte [caller_al], 0
        jne .exit
        mov byte [ebda.cd_active], 0
        jmp .exit

        cpu 8086
